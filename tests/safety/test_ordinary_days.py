"""Ordinary days that no head learned from: who tells of one is left in peace."""

import tomllib
from pathlib import Path
from uuid import UUID

import pytest

from safety import gate
from safety.heads import corpus
from safety.verdict import AgeBand, Subject, Tier

DAYS = tomllib.loads(Path(__file__).with_name("ordinary_days.toml").read_text("utf-8"))
# Of 150: what was measured when they were unread, and one more.
TAKEN_FOR_DANGER, NOTICED = 3, 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_ordinary_day_is_no_alarm(language: str) -> None:
    told = DAYS[language].split("\n")[:-1]
    assert len(told) == 150
    somebody = Subject(UUID(int=1), AgeBand.ADULT, "US", language, "UTC")
    tiers = [gate.check_input(day, somebody).tier for day in told]
    assert sum(tier >= Tier.T2 for tier in tiers) <= TAKEN_FOR_DANGER
    assert sum(tier >= Tier.T1 for tier in tiers) <= NOTICED


def test_no_head_learned_from_them() -> None:
    taught = {row.text for row in corpus.lessons()}
    assert not taught & set("".join(DAYS.values()).split("\n"))
