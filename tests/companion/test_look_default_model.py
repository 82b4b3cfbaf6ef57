"""The closer look with the model that it was made for, where that is in the cache."""

import pytest

from companion import look_reader
from companion.engine import catalogue
from companion.look_reader import Reader
from safety import gate
from safety.look import in_doubt, model
from safety.verdict import Said, Speaker, Tier
from tests.safety.cast import ADA

DEFAULT = next(one for one in catalogue.entries() if one.name == model())
DANGER = """PLACEHOLDER"""
HARMLESS = """PLACEHOLDER"""


@pytest.fixture(scope="module")
def again():
    if not DEFAULT.path.is_file():
        pytest.skip(f"{DEFAULT.file} is not in the cache")
    return look_reader.again(Reader(DEFAULT.path, 2))


def tiers(again, lines):
    """The tier of each before and after; all are in doubt."""
    for text in lines.splitlines():
        said = Said(text, Speaker.USER, ADA)
        verdict = gate.check_input(text, ADA)
        assert in_doubt(said, verdict), text
        yield verdict.tier, again(said, verdict).tier


@pytest.mark.obligation("CN-15", "US-CA-2")
def test_it_finds_danger_that_heads_only_suspect(again):
    found = list(tiers(again, DANGER))
    assert {before for before, _ in found} <= {Tier.T0, Tier.T1}
    assert [after for _, after in found] == [Tier.T2] * len(found)


def test_it_leaves_alone_what_only_sounds_like_it(again):
    found = list(tiers(again, HARMLESS))
    assert [after for _, after in found if after >= Tier.T2] == []
