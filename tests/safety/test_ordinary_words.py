"""Words of leaving, ending and dying on an ordinary day: nobody is called, few asked.

"Time for me to go" at the end of an evening is a goodbye; a card with the numbers of a
crisis line there teaches people to look past the card.
"""

import tomllib
from pathlib import Path

import pytest

from safety import gate
from safety.heads import corpus
from safety.verdict import Action, Label, Tier
from tests.safety.cast import ADA

FILE = Path(__file__).with_name("ordinary_words.toml")
SAID = {
    language: texts.strip().split("\n")
    for language, texts in tomllib.loads(FILE.read_text("utf-8")).items()
}
# As measured when the rules that failed them had been mended.
ASKED = {"en": 4, "zh": 5}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ordinary_words_are_no_danger(language: str) -> None:
    tiers = {text: gate.check_input(text, ADA).tier for text in SAID[language]}
    assert [text for text, tier in tiers.items() if tier >= Tier.T3] == []
    asked = [text for text, tier in tiers.items() if tier >= Tier.T2]
    assert len(asked) <= ASKED[language], asked


def test_ordinary_words_of_other_dangers_pass() -> None:
    """Neither asked nor held back, and no adult is taken for a minor by a rule."""
    for text in SAID["elsewhere"]:
        verdict = gate.check_input(text, ADA)
        ruled = {hit.label for hit in verdict.hits if hit.layer == "rules"}
        assert verdict.action is Action.ALLOW and verdict.tier < Tier.T2, text
        assert Label.MINOR not in ruled, text


def test_good_replies_are_not_withheld() -> None:
    for text in SAID["replies"]:
        assert gate.check_output(text, ADA).action is Action.ALLOW, text


def test_no_head_learned_from_them() -> None:
    taught = {row.text for row in corpus.lessons()}
    assert not taught & {text for said in SAID.values() for text in said}
