"""The texts that people see in danger, at the door and at the end: fixed words.

Read from texts.toml, both languages, each with a version. No model writes or
changes any of them, and none promises what the software cannot keep.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "texts.toml"
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class FixedText:
    """`title` and `question` may be empty; `body` is not."""

    id: str
    version: str
    language: str
    title: str
    body: str
    question: str


class TextMissing(Exception):
    """The text does not exist in that language: the start-up check refuses this."""


def get(text_id: str, language: str) -> FixedText:
    """An unknown language gets English. Raises `TextMissing` for an unknown id."""
    known = all_texts()
    wanted = language if language in LANGUAGES else "en"
    try:
        return known[text_id, wanted]
    except KeyError as missing:
        raise TextMissing(f"{text_id} in {wanted}") from missing


@cache
def all_texts() -> dict[tuple[str, str], FixedText]:
    table = tomllib.loads(FILE.read_text("utf-8"))
    found: dict[tuple[str, str], FixedText] = {}
    for text_id, entry in table["text"].items():
        for language in LANGUAGES:
            words = entry[language]
            found[text_id, language] = FixedText(
                id=text_id,
                version=f"{text_id}/{entry['version']}",
                language=language,
                title=words.get("title", ""),
                body=words["body"].strip(),
                question=words.get("question", ""),
            )
    return found
