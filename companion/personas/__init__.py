"""Personas: who a companion is. Data files, read once; the code holds no prompt.

A persona's category decides who may meet it; `partner` and `relative` do not exist
here (CN-18, CN-23).
"""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent
CATEGORIES: dict[str, str | Promise] = {
    "friend": _("friend"),
    "mentor": _("mentor"),
    "storyteller": _("storyteller"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """What a person says and how the persona answers; `line` is what it was given to
    say, where the example shows that."""

    said: str
    answer: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """A persona in one language. `prompt` is the system prompt, `starters` are three
    first sentences to tap."""

    language: str

    name: str
    tagline: str
    greeting: str
    starters: tuple[str, ...]
    prompt: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Persona:
    """`version` changes with any byte of its files and is stored with each turn."""

    slug: str
    category: str
    face: str
    temperature: float
    version: str
    voices: dict[str, Voice]

    def voice(self, language: str) -> Voice:
        return self.voices.get(language, self.voices["en"])

    @property
    def category_label(self) -> str:
        return str(CATEGORIES[self.category])


@cache
def all_personas() -> dict[str, Persona]:
    """Slug to persona, in the order of their files' `order`."""
    found = [_read(folder) for folder in FOLDER.iterdir() if folder.is_dir()]
    return {p.slug: p for _, p in sorted(f for f in found if f)}


def persona(slug: str) -> Persona:
    """Raises KeyError for a persona that does not exist."""
    return all_personas()[slug]


def _read(folder: Path) -> tuple[int, Persona] | None:
    facts = folder / "persona.toml"
    if not facts.exists():
        return None
    table = tomllib.loads(facts.read_text("utf-8"))
    if table["category"] not in CATEGORIES:
        raise ValueError(f"{facts}: category {table['category']} does not exist here")
    voices = {
        language: _voice(folder / f"{language}.md", words)
        for language, words in table["voice"].items()
    }
    return table["order"], Persona(
        slug=folder.name,
        category=table["category"],
        face=table["face"],
        temperature=table["temperature"],
        version=_digest(folder),
        voices=voices,
    )


def _voice(file: Path, words: dict[str, Any]) -> Voice:
    """The file holds the prompt, a line of dashes, and examples: what is said, the line
    that is given for it if there is one, and the answer."""
    prompt, _dashes, examples = file.read_text("utf-8").partition("\n---\n")
    return Voice(
        language=file.stem,
        name=words["name"],
        tagline=words["tagline"],
        greeting=words["greeting"],
        starters=tuple(words["starters"]),
        prompt=prompt.strip(),
        examples=tuple(map(_example, examples.strip().split("\n\n"))),
    )


def _example(block: str) -> Example:
    said, *line, answer = block.split("\n")
    return Example(said, answer, *line)


def _digest(folder: Path) -> str:
    content = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{folder.name}-{content.hexdigest()[:12]}"
