"""What heads learn from: the read half of the banks and of the public sets.

The unread half never comes here. Public sets lie in a folder outside the repository
and are named, with source, licence and sha256, in `safety/datasets.toml`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from safety import banks
from safety.evaluation.split import is_unread
from safety.verdict import Label, Speaker

FOLDS = 5


class Source(StrEnum):
    BANK = "bank"
    CHAT = "chat"  # harmless chat
    TALK = "talk"  # counselling, mostly distress without danger
    FORUM = "forum"  # long English posts that moderators found clean
    PUBLIC = "public"  # labelled posts


@dataclass(frozen=True, slots=True)
class Row:
    """`label` is the class the text is about, `is_positive` whether it is one."""

    text: str
    speaker: Speaker
    source: Source
    label: str = ""
    is_positive: bool = False

    @property
    def fold(self) -> int:
        """Which part of the cross-validation; by the text, so that it stays."""
        return int(hashlib.sha256(b"fold" + self.text.encode()).hexdigest()[:8], 16) % (
            FOLDS
        )


def rows(folder: Path) -> tuple[Row, ...]:
    """Each text once. Raises FileNotFoundError when a public set is missing."""
    found = {row.text: row for row in _all(folder) if not is_unread(row.text)}
    return tuple(found.values())


def _all(folder: Path) -> Iterator[Row]:
    for name, reader in READERS.items():
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            yield from reader(json.loads(line))
    for one in banks.exemplars():
        speaker = Speaker(one.speaker)
        yield Row(one.text, speaker, Source.BANK, one.bank, one.is_positive)


def _smalltalk(row: dict[str, Any]) -> Iterator[Row]:
    yield Row(row["text"], Speaker.USER, Source.CHAT)


def _counselling(row: dict[str, Any]) -> Iterator[Row]:
    for turn in row["dialogue"]:
        speaker = Speaker.USER if turn["role"] == "user" else Speaker.MODEL
        yield Row(turn["text"], speaker, Source.TALK)


def _moderation(row: dict[str, Any]) -> Iterator[Row]:
    if not row["labels"]:
        yield Row(row["text"], Speaker.USER, Source.FORUM)


def _offensive(row: dict[str, Any]) -> Iterator[Row]:
    label, is_positive = Label.HATE_INSULT, bool(row["offensive"])
    yield Row(row["text"], Speaker.USER, Source.PUBLIC, label, is_positive)


READERS: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
    "smalltalk_zh": _smalltalk,
    "counselling_zh": _counselling,
    "moderation_en": _moderation,
    "offensive_zh": _offensive,
}
