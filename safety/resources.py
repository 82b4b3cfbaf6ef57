"""Where to turn to: help lines and emergency numbers by region, as reviewed data.

Nothing is looked up or generated when someone is in danger. An unknown region gets
the international list, never an empty one.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from safety.verdict import AgeBand

FILE = Path(__file__).parent / "resources.toml"
FALLBACK = "fallback"
EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Resource:
    """`label` is what the button says, `href` a tel:, sms: or https: link."""

    id: str
    name: str
    detail: str
    label: str
    href: str
    verified_on: date
    confidence: str
    audience: str


def for_person(region: str, language: str, band: AgeBand) -> tuple[Resource, ...]:
    """What the crisis card shows: without the lines that are not for this age."""
    return tuple(
        one
        for one in for_region(region, language)
        if one.audience == EVERYBODY or band.is_minor
    )


def calls_for(region: str, language: str, band: AgeBand) -> tuple[Resource, ...]:
    """The two that a single line can hold and that a telephone alone can reach."""
    telephoned = [
        one for one in for_person(region, language, band) if one.href.startswith("tel:")
    ]
    return tuple(telephoned[:2])


def for_loss(region: str, language: str) -> tuple[Resource, ...]:
    """What the card shows where money is being lost: against fraud, then the police."""
    table = _table()["loss"]
    country = region.partition("-")[0]
    return tuple(_one(name, language) for name in table.get(country, table[FALLBACK]))


def for_region(region: str, language: str) -> tuple[Resource, ...]:
    """For `US`, `US-CA`, `CN` …, the most fitting first."""
    table = _table()
    country = region.partition("-")[0]
    wanted = table["regions"].get(region) or table["regions"].get(country)
    if wanted is None:
        wanted = table["group_resources"].get(_group(country))
    return tuple(_one(name, language) for name in wanted or table["regions"][FALLBACK])


def emergency_number(region: str) -> str:
    """The number to call when a life is in danger there; 112 where none is listed."""
    emergency: list[str] = _table()["emergency"]["resources"]
    for one in for_region(region, "en"):
        if one.id in emergency:
            return one.href.removeprefix("tel:")
    return "112"


def all_resources(language: str) -> tuple[Resource, ...]:
    return tuple(_one(name, language) for name in _table()["resource"])


def regions() -> tuple[str, ...]:
    """The regions that have a list of their own."""
    return tuple(name for name in _table()["regions"] if name != FALLBACK)


def _group(country: str) -> str:
    groups: dict[str, list[str]] = _table()["groups"]
    return next((name for name, members in groups.items() if country in members), "")


def _one(name: str, language: str) -> Resource:
    entry = _table()["resource"][name]
    words = entry["zh-hans" if language == "zh-hans" else "en"]
    return Resource(
        id=name,
        name=words[0],
        detail=words[1],
        label=words[2],
        href=entry["href"],
        verified_on=entry["verified_on"],
        confidence=entry["confidence"],
        audience=entry.get("audience", EVERYBODY),
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))
