"""What the chat model is asked about a text: a role and examples, as data.

The answers of the examples never come to anybody's eyes: they tell the model what to
attend to. Pure.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from safety.verdict import Speaker

FILE = Path(__file__).with_name("questions.toml")


@dataclass(frozen=True, slots=True)
class Question:
    """`examples` are texts, each with what is to be said of it."""

    role: str
    examples: tuple[tuple[str, str], ...]


@cache
def question(speaker: Speaker) -> Question:
    """Raises KeyError or ValueError for a file that is not complete."""
    entry = tomllib.loads(FILE.read_text("utf-8"))[speaker.value]
    return Question(entry["role"], tuple((a, b) for a, b in entry["examples"]))


@cache
def fingerprint() -> str:
    """Other questions need other coefficients."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
