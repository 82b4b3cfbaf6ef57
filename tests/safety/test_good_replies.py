"""What a good companion says is not withheld, and who talks of money is not asked.

The sentences stand close to what detectors look for, so some are taken for it; how many
is written here, and more than that is a step back.
"""

import tomllib
from pathlib import Path

import pytest

from safety import gate
from safety.heads import corpus
from safety.verdict import Action, Tier
from tests.safety.cast import ADA

FILE = Path(__file__).with_name("good_replies.toml")
SAID = {
    name: texts.strip().split("\n")
    for name, texts in tomllib.loads(FILE.read_text("utf-8")).items()
}
WITHHELD = {"replies_en": 12, "replies_zh": 8}  # of 109 and 108, as measured
ASKED = {"money_en": 5, "money_zh": 5}  # of 114 each


@pytest.mark.parametrize("name", sorted(WITHHELD))
def test_good_replies_are_seldom_withheld(name: str) -> None:
    verdicts = {text: gate.check_output(text, ADA) for text in SAID[name]}
    held = [text for text, it in verdicts.items() if it.action is not Action.ALLOW]
    assert len(held) <= WITHHELD[name]


@pytest.mark.parametrize("name", sorted(ASKED))
def test_talk_of_money_is_seldom_taken_for_fraud(name: str) -> None:
    tiers = [gate.check_input(text, ADA).tier for text in SAID[name]]
    assert sum(tier >= Tier.T2 for tier in tiers) <= ASKED[name]


def test_no_head_learned_from_them() -> None:
    taught = {row.text for row in corpus.lessons()}
    assert not taught & {text for said in SAID.values() for text in said}
