"""The plugin in a pytest of its own, over tests that are written for the occasion."""

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest
from django.conf import settings

INI = "[pytest]\nmarkers =\n  obligation(*ids): rows\naddopts = --strict-markers\n"
PLUGINS = [
    "-p",
    "tests.obligations_plugin",
    "-p",
    "no:django",
    "-p",
    "no:cacheprovider",
]


@pytest.fixture
def run(tmp_path):
    """`run(source)` gives the finished process and what it left in the folder."""
    results = tmp_path / "results"

    def pytest_of(source, *, wanted=True):
        (tmp_path / "pytest.ini").write_text(INI)
        (tmp_path / "test_it.py").write_text(dedent(source))
        surroundings = {
            name: value
            for name, value in os.environ.items()
            if name not in {"OBLIGATION_RESULTS", "DJANGO_SETTINGS_MODULE"}
        } | {
            "PYTHONPATH": str(settings.BASE_DIR),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        if wanted:
            surroundings["OBLIGATION_RESULTS"] = str(results)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *PLUGINS, "test_it.py"],
            cwd=tmp_path,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        files = sorted(results.glob("*.json"))
        return done, [json.loads(file.read_text("utf-8")) for file in files]

    return pytest_of


def test_each_marked_test_is_noted_with_its_ids_and_outcome(run):
    done, left = run(
        """
        import pytest
        pytestmark = pytest.mark.obligation("CN-01")

        @pytest.fixture
        def broken():
            yield
            raise OSError

        @pytest.mark.obligation("CN-32", "CN-01")
        @pytest.mark.parametrize("n", [1, 2])
        def test_of_two(n): assert n == 1

        def test_teardown(broken): pass

        @pytest.mark.skip
        def test_left_out(): pass

        @pytest.mark.xfail
        def test_known_to_fail(): assert False
        """
    )
    assert done.returncode == 1
    assert left == [
        {
            "test_it.py::test_known_to_fail": {"ids": ["CN-01"], "outcome": "skipped"},
            "test_it.py::test_left_out": {"ids": ["CN-01"], "outcome": "skipped"},
            "test_it.py::test_of_two[1]": {
                "ids": ["CN-01", "CN-32"],
                "outcome": "passed",
            },
            "test_it.py::test_of_two[2]": {
                "ids": ["CN-01", "CN-32"],
                "outcome": "failed",
            },
            "test_it.py::test_teardown": {"ids": ["CN-01"], "outcome": "failed"},
        }
    ]


@pytest.mark.parametrize(
    ("marker", "complaint"),
    [
        ('("CN-99")', "test_it.py::test_it: no obligation CN-99"),
        ("", "test_it.py::test_it: an obligation marker without an id"),
    ],
)
def test_a_marker_that_names_no_row_stops_the_run(run, marker, complaint):
    done, left = run(
        f"""
        import pytest

        @pytest.mark.obligation{marker}
        def test_it(): pass
        """
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert complaint in done.stdout + done.stderr
    assert left == []


def test_nothing_is_written_unless_asked_for(run):
    source = """
        import pytest

        @pytest.mark.obligation("CN-32")
        def test_it(): pass
        """
    done, left = run(source, wanted=False)
    assert (done.returncode, left) == (0, [])


def test_a_run_without_marked_tests_leaves_no_file(run):
    done, left = run("def test_it(): pass")
    assert (done.returncode, left) == (0, [])
