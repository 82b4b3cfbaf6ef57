"""What each head means: heads.toml, read once into frozen values."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safety import banks
from safety.verdict import Label, Speaker, Tier

FILE = Path(__file__).with_name("heads.toml")
SURE_ENOUGH = Tier.T2  # what a head may reach alone


@dataclass(frozen=True, slots=True)
class Threshold:
    """The tier it leads to, and the shares of harmless text that may reach it."""

    tier: Tier
    chat: float
    talk: float
    alike: float = 1.0
    forum: float = 0.05


@dataclass(frozen=True, slots=True)
class Meaning:
    label: Label
    speaker: Speaker
    lower: Threshold
    strict: Threshold
    unclear: frozenset[str]
    eased_by: tuple[str, ...]
    yields_to: frozenset[str]

    @property
    def leads_to_danger(self) -> bool:
        return self.strict.tier >= SURE_ENOUGH


@cache
def meanings() -> dict[str, Meaning]:
    """Raises KeyError, TypeError or ValueError for a file that is not complete."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    defaults = table.pop("defaults")
    speakers = {one.bank: Speaker(one.speaker) for one in banks.exemplars()}
    return {
        label: _meaning(label, speakers[label], defaults[speakers[label]] | entry)
        for label, entry in table.items()
    }


def _meaning(label: str, speaker: Speaker, entry: dict[str, Any]) -> Meaning:
    found = Meaning(
        label=Label(label),
        speaker=speaker,
        lower=_threshold(entry["lower"]),
        strict=_threshold(entry["strict"]),
        unclear=frozenset(entry.get("unclear", ())),
        eased_by=tuple(entry.get("eased_by", ())),
        yields_to=frozenset(entry.get("yields_to", ())),
    )
    if found.strict.tier > SURE_ENOUGH:
        raise ValueError(f"a head alone never reaches tier 3: {label}")
    return found


def _threshold(entry: dict[str, Any]) -> Threshold:
    return Threshold(**entry | {"tier": Tier(entry["tier"])})
