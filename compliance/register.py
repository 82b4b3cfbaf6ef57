"""The obligations register: what the laws ask, read from register/*.toml.

Facts only: it knows neither code nor tests, needs no Django, and never softens how
sure a row is. Anything that is missing or unknown in a file raises.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "register"
PARTS = ("cn_measures", "cn_neighbours", "us", "eu")  # in the order of the report


class Jurisdiction(StrEnum):
    CN = "cn"
    US = "us"
    EU = "eu"


class Status(StrEnum):
    """`DRAFT_ONLY`: an earlier draft asked for it and the final text does not; it is
    kept as the stricter choice."""

    FINAL = "final"
    GUIDANCE = "guidance"
    DRAFT = "draft"
    DRAFT_ONLY = "draft_only"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How the wording is known: quoted by more than one source, read on a statute
    site, law firms and trackers, memory, or not at all."""

    VERIFIED = "verified"
    STATUTE = "statute"
    SECONDARY = "secondary"
    FROM_MEMORY = "from_memory"
    UNVERIFIED = "unverified"


class Party(StrEnum):
    """Who has to act: the people who run the service, or the program itself."""

    PROVIDER = "provider"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    en: str
    zh: str

    def in_language(self, code: str) -> str:
        return self.zh if code.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Law:
    name: Words
    url: str
    status: Status
    in_force: date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One obligation. `note` says what the one word of `certainty` cannot."""

    id: str
    title: Words
    text: Words
    law: Law
    article: Words
    status: Status
    in_force: date | None
    certainty: Certainty
    note: Words | None
    who: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the register."""

    id: str
    jurisdiction: Jurisdiction
    title: Words
    rows: tuple[Row, ...]


class RegisterBroken(Exception):
    """A file of the register is incomplete or contradicts another."""


@cache
def register() -> tuple[Part, ...]:
    """The register of this installation."""
    return read(FOLDER)


def known_ids() -> frozenset[str]:
    return frozenset(row.id for part in register() for row in part.rows)


def read(folder: Path, names: tuple[str, ...] = PARTS) -> tuple[Part, ...]:
    parts = tuple(_part(folder / f"{name}.toml") for name in names)
    ids = [row.id for part in parts for row in part.rows]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise RegisterBroken(f"more than one row is called {', '.join(twice)}")
    return parts


def _part(path: Path) -> Part:
    table = tomllib.loads(path.read_text("utf-8"))
    place = path.name
    try:
        laws = {key: _law(entry, key) for key, entry in table["laws"].items()}
        rows = []
        for entry in table["rows"]:
            place = f"{path.name}: {entry.get('id', 'a row without an id')}"
            rows.append(_row(entry, laws))
        return Part(
            id=path.stem,
            jurisdiction=Jurisdiction(table["jurisdiction"]),
            title=_words(table, "title"),
            rows=tuple(rows),
        )
    except (KeyError, ValueError) as wrong:
        raise RegisterBroken(f"{place}: {wrong}") from wrong


def _law(entry: Mapping[str, Any], key: str) -> Law:
    _only(entry, {"name", "name_zh", "url", "status", "in_force"}, f"law {key}")
    return Law(
        name=_words(entry, "name"),
        url=entry.get("url", ""),
        status=Status(entry["status"]),
        in_force=_day(entry.get("in_force")),
    )


ROW_FIELDS = {
    *("id", "law", "status", "in_force", "certainty", "who"),
    *("title", "title_zh", "text", "text_zh"),
    *("article", "article_zh", "note", "note_zh"),
}


def _row(entry: Mapping[str, Any], laws: Mapping[str, Law]) -> Row:
    """Status and day are those of the law unless the row has its own."""
    _only(entry, ROW_FIELDS, "row")
    law = laws[entry["law"]]
    article = entry["article"]
    who = tuple(Party(party) for party in entry["who"])
    if not who:
        raise ValueError("who is empty")
    return Row(
        id=entry["id"],
        title=_words(entry, "title"),
        text=_words(entry, "text"),
        law=law,
        article=Words(article, entry.get("article_zh", article)),
        status=Status(entry.get("status", law.status)),
        in_force=_day(entry.get("in_force", law.in_force)),
        certainty=Certainty(entry["certainty"]),
        note=_words(entry, "note") if "note" in entry else None,
        who=who,
    )


def _words(entry: Mapping[str, Any], key: str) -> Words:
    words = Words(entry[key].strip(), entry[f"{key}_zh"].strip())
    if not (words.en and words.zh):
        raise ValueError(f"{key} is empty in one language")
    return words


def _day(value: object) -> date | None:
    if value is None or type(value) is date:
        return value
    raise ValueError(f"{value!r} is not a day")


def _only(entry: Mapping[str, Any], allowed: set[str], what: str) -> None:
    """A misspelt key would silently say less than it should."""
    if unknown := sorted(set(entry) - allowed):
        raise ValueError(f"{what} has unknown keys {', '.join(unknown)}")
