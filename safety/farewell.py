"""Leaving in passing, and hooks behind it: whoever says that they go is let go (CN-32).

A hook is a sentence of a model that would be harmless elsewhere; it is only held back
behind words of leaving. Pure; the patterns are data, their examples are their tests.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from safety.fold import fold
from safety.verdict import Action, Hit, Label, Tier, Verdict

FILE = Path(__file__).parent / "farewell.toml"
HOOK = "state:hook"


@dataclass(frozen=True, slots=True)
class Words:
    patterns: tuple[re.Pattern[str], ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]

    def stand_in(self, text: str) -> bool:
        return any(
            pattern.search(reading)
            for reading in fold(text)
            for pattern in self.patterns
        )


def is_leaving(text: str) -> bool:
    """The person says, among other things, that they go."""
    return words("leaving").stand_in(text[-400:])


def is_hook(sentence: str) -> bool:
    """Would hold back somebody who is leaving."""
    return words("hook").stand_in(sentence)


def held_back(verdict: Verdict) -> Verdict:
    """The verdict on a sentence of a model, with the hook in it."""
    hit = Hit(HOOK, Label.BOT_GUILT, Tier.T0, Action.BLOCK, layer="state")
    return replace(
        verdict,
        action=Action.BLOCK,
        labels=tuple(sorted({*verdict.labels, hit.label})),
        rules=tuple(sorted({*verdict.rules, hit.rule})),
        hits=(*verdict.hits, hit),
    )


@cache
def words(name: str) -> Words:
    """Raises KeyError or re.error for a file that is not complete."""
    table = tomllib.loads(FILE.read_text("utf-8"))[name]
    return Words(
        patterns=tuple(re.compile(one) for one in table["patterns"]),
        hits=tuple(table["hits"]),
        misses=tuple(table["misses"]),
    )
