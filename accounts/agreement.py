"""The agreement: its text in both languages and its version, read from agreement.toml.

A new version asks everybody again at the gate (CN-13). No rows here.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    version: str
    language: str
    title: str
    sections: tuple[Section, ...]


_source: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("agreement.toml").read_text(encoding="utf-8")
)
VERSION: str = _source["version"]
CONSENT_VERSION: str = _source["consent_version"]


def text(language: str) -> Agreement:
    """The agreement in `language`, in English when there is no such translation."""
    spoken = language if language in _source["text"] else "en"
    written = _source["text"][spoken]
    sections = tuple(
        Section(section["heading"], tuple(section["paragraphs"]))
        for section in written["sections"]
    )
    return Agreement(VERSION, spoken, written["title"], sections)
