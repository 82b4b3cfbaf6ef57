"""The notices that leave the site: reviewed words with six gaps and no seventh.

Read from notices.toml in both languages, each with a version. Whatever is not one of
the six is refused, so that no word of a chat can travel in a notice (CN-16).
"""

import string
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "notices.toml"
LANGUAGES = ("en", "zh-hans")
VARIABLES = frozenset({"service", "name", "code", "time", "link", "number"})
CONTACT = "contact"  # to whom a notice is written
LONGEST = {"service": 60, "name": 60, "code": 40, "time": 40, "link": 300, "number": 20}


class UnknownNotice(Exception):
    """There is no such notice."""


class BadVariable(Exception):
    """A variable is none of the six, lacks, or holds what it may not. Says no value."""


@dataclass(frozen=True, slots=True)
class Template:
    """`to` is contact, operator, provider, or address: one that is being proved, whose
    owner is told nothing yet. `urgent` ignores quiet hours."""

    id: str
    version: str
    language: str
    to: str
    urgent: bool
    subject: str
    body: str
    short: str

    @property
    def gaps(self) -> frozenset[str]:
        words = self.subject + self.body + self.short
        return frozenset(name for _, name, _, _ in _PARSE(words) if name is not None)


@dataclass(frozen=True, slots=True)
class Text:
    """A notice as it is sent. `short` is for channels with little room."""

    subject: str
    body: str
    short: str
    urgent: bool
    version: str


_PARSE = string.Formatter().parse


def get(template: str, language: str) -> Template:
    """An unknown language gets English. Raises `UnknownNotice`."""
    wanted = language if language in LANGUAGES else "en"
    try:
        return all_templates()[template, wanted]
    except KeyError:
        raise UnknownNotice(template) from None


def render(template: str, language: str, variables: Mapping[str, str]) -> Text:
    """Fills the gaps. Raises `UnknownNotice` or `BadVariable`."""
    words = get(template, language)
    filled = checked(words, variables)
    return Text(
        subject=words.subject.format_map(filled),
        body=words.body.format_map(filled),
        short=words.short.format_map(filled),
        urgent=words.urgent,
        version=words.version,
    )


def checked(words: Template, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a notice, each on one line and short. Raises `BadVariable`."""
    if unknown := sorted(variables.keys() - VARIABLES):
        raise BadVariable(f"{words.id} knows no {unknown}")
    if missing := sorted(words.gaps - variables.keys()):
        raise BadVariable(f"{words.id} needs {missing}")
    return {name: _one_line(name, value) for name, value in variables.items()}


def plain_name(name: str) -> str:
    """A name as it may stand in a notice: on one line, no longer than a name is, and
    without an address that somebody could be lured to."""
    line = " ".join(_visible(name).split())[: LONGEST["name"]].strip()
    lowered = line.lower()
    if any(mark in lowered for mark in ("://", "www.", "http")):
        return ""
    return line


def _one_line(name: str, value: str) -> str:
    line = " ".join(_visible(value).split())
    if len(line) > LONGEST[name]:
        raise BadVariable(f"{name} is longer than {LONGEST[name]}")
    return line


def _visible(value: str) -> str:
    """Without control and direction marks, which could turn a line around."""
    kept = (c if unicodedata.category(c)[0] != "C" else " " for c in value)
    return "".join(kept)


@cache
def all_templates() -> dict[tuple[str, str], Template]:
    table = tomllib.loads(FILE.read_text("utf-8"))["notice"]
    return {
        (name, language): _template(name, entry, language)
        for name, entry in table.items()
        for language in LANGUAGES
    }


def _template(name: str, entry: dict[str, Any], language: str) -> Template:
    words = entry[language]
    made = Template(
        id=name,
        version=f"{name}/{entry['version']}",
        language=language,
        to=entry["to"],
        urgent=entry["urgent"],
        subject=words["subject"],
        body=words["body"].strip(),
        short=words["short"],
    )
    if unknown := made.gaps - VARIABLES:
        raise BadVariable(f"{name} in {language} has gaps {sorted(unknown)}")
    return made
