"""How many threads compute."""

import os

import pytest

from companion.engine import cores


@pytest.mark.parametrize(
    ("usable", "idle", "threads"),
    [(1, 1.0, 1), (2, 2.0, 1), (2, 0.1, 1), (4, 4.0, 3), (8, 3.9, 4), (8, 0.0, 1)],
)
def test_one_core_is_left_and_none_is_taken_from_others(usable, idle, threads):
    assert cores.chosen(usable, idle) == threads


def test_a_container_with_a_quota_has_fewer_cores(tmp_path):
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    assert cores.usable(quota) == 1
    quota.write_text("max 100000\n")
    assert cores.usable(quota) == len(os.sched_getaffinity(0))
    assert cores.usable(tmp_path / "none") == len(os.sched_getaffinity(0))


def test_free_cores_are_measured(tmp_path):
    assert 0 <= cores.free(seconds=0.1) <= (os.cpu_count() or 1) + 0.5
    assert cores.free(tmp_path / "none") == os.cpu_count()
    (tmp_path / "odd").write_text("cpu 1 2\n")
    assert cores.free(tmp_path / "odd") == os.cpu_count()
