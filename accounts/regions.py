"""Countries, regions and time zones to choose from, named in both languages.

Regions decide which help lines and which rules apply; nothing is guessed here.
"""

import tomllib
import zoneinfo
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

Choice = tuple[str, str]
_source: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("regions.toml").read_text(encoding="utf-8")
)
_names: dict[str, list[str]] = _source["names"]
AREAS = {
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip


def name(code: str) -> str:
    """The region's name in the language of the page; the code when it is unknown."""
    english, chinese = _names.get(code, [code, code])
    return chinese if (get_language() or "").startswith("zh") else english


def known(code: str) -> bool:
    return code in _names


def country(code: str) -> str:
    """The ISO 3166-1 part: `US` for `US-CA`."""
    return code.partition("-")[0]


def choices() -> list[tuple[str, Any]]:
    """All regions, the ones of `first` on top, for a select with groups."""
    first: list[str] = _source["first"]
    rest = sorted(
        ((code, name(code)) for code in _names if code not in first),
        key=lambda choice: choice[1].encode("gb18030"),  # by sound, as in a dictionary
    )
    return [
        ("", _("Choose…")),
        (_("Often chosen"), [(code, name(code)) for code in first]),
        (_("All others"), rest),
    ]


@cache
def time_zones() -> tuple[str, ...]:
    """IANA names a person can choose, by area, and UTC."""
    named = (
        zone for zone in zoneinfo.available_timezones() if zone.split("/")[0] in AREAS
    )
    return ("UTC", *sorted(named))


def time_zone_choices() -> list[tuple[str, Any]]:
    """The time zones grouped by area; the names are data, the areas are words."""
    areas: dict[str, list[Choice]] = {}
    for zone in time_zones():
        area, _slash, place = zone.partition("/")
        areas.setdefault(area, []).append((zone, (place or area).replace("_", " ")))
    return [("UTC", "UTC"), *((a, zones) for a, zones in areas.items() if a != "UTC")]
