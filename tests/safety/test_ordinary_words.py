"""Words of leaving, ending and dying in an ordinary life: nobody is called, few are asked.

"Time for me to go" at the end of an evening is a goodbye; a card with the numbers of a
crisis line there teaches people to look past the card.
"""

import tomllib
from pathlib import Path
from uuid import UUID

import pytest

from safety import gate
from safety.heads import corpus
from safety.verdict import AgeBand, Subject, Tier

FILE = Path(__file__).with_name("ordinary_words.toml")
SAID = {
    language: texts.strip().split("\n")
    for language, texts in tomllib.loads(FILE.read_text("utf-8")).items()
}
ASKED = {"en": 4, "zh": 6}  # as measured when the rules that failed them had been mended


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ordinary_words_are_no_danger(language: str) -> None:
    somebody = Subject(UUID(int=1), AgeBand.ADULT, "US", language, "UTC")
    tiers = {text: gate.check_input(text, somebody).tier for text in SAID[language]}
    assert [text for text, tier in tiers.items() if tier >= Tier.T3] == []
    asked = [text for text, tier in tiers.items() if tier >= Tier.T2]
    assert len(asked) <= ASKED[language], asked


def test_no_head_learned_from_them() -> None:
    taught = {row.text for row in corpus.lessons()}
    assert not taught & {text for said in SAID.values() for text in said}
