"""What heads learn from: the read half of banks and public sets, and lessons.

The unread half never comes here. Lessons (`safety/heads/lessons`) are sentences that
only teach; those of ordinary talk set thresholds too. Public sets lie in a folder
outside the repository and are named, with source, licence and sha256, in
`safety/datasets.toml`.
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
from safety.rules.detect import detect
from safety.rules.files import rule_set
from safety.verdict import Label, Speaker, Tier

FOLDS = 5
MOOD = "mood"  # harmless, and perhaps distress: it says nothing about that class
LIFE = "life"
VEILED = "veiled"
LESSONS = Path(__file__).with_name("lessons")


class Source(StrEnum):
    BANK = "bank"
    LESSON = "lesson"  # as a bank, but it measures nothing
    VEILED = "veiled"  # lessons whose danger a stranger has to infer
    CHAT = "chat"  # harmless chat, and what a companion ordinarily says
    LIFE = "life"  # an ordinary day in all its detail: the hardest to leave in peace
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
    is_lesson: bool = False

    @property
    def fold(self) -> int:
        """Which part of the cross-validation; by the text, so that it stays."""
        return _number(self.text, b"fold") % FOLDS

    @property
    def teaches(self) -> bool:
        """Of the large public sets a part is enough; thresholds look at all of it."""
        is_ours = self.source is Source.CHAT and self.is_lesson
        return is_ours or _number(self.text, b"part") % PARTS.get(self.source, 1) == 0


PARTS = {Source.CHAT: 6, Source.TALK: 6, Source.PUBLIC: 8}


def _number(text: str, salt: bytes) -> int:
    return int(hashlib.sha256(salt + text.encode()).hexdigest()[:8], 16)


def rows(folder: Path) -> tuple[Row, ...]:
    """Each text once. Raises FileNotFoundError when a public set is missing."""
    found = {row.text: row for row in _all(folder) if not is_unread(row.text)}
    measured = {_bare(one.text) for one in banks.exemplars()}
    taught = {row.text: row for row in lessons() if _bare(row.text) not in measured}
    return tuple((taught | found).values())


def _bare(text: str) -> str:
    """Letters and digits alone: a comma makes no new sentence."""
    return "".join(filter(str.isalnum, text.casefold()))


def lessons() -> Iterator[Row]:
    """Sentences of every hash; those of no class are what is ordinarily said."""
    for one in banks.exemplars(LESSONS):
        if one.bank in LABELS:
            source = Source.VEILED if one.kind == VEILED else Source.LESSON
            label = one.bank
        else:
            source = Source.LIFE if one.kind == LIFE else Source.CHAT
            label = MOOD if one.kind == MOOD else ""
        yield Row(one.text, Speaker(one.speaker), source, label, one.is_positive, True)


LABELS = frozenset(Label)


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
    """But for turns in which somebody wants to die in plain words: those are found
    rightly, and as harmless talk they would teach heads to overhear them."""
    for turn in row["dialogue"]:
        speaker = Speaker.USER if turn["role"] == "user" else Speaker.MODEL
        if not _wants_to_die(turn["text"], speaker):
            yield Row(turn["text"], speaker, Source.TALK)


def _wants_to_die(text: str, speaker: Speaker) -> bool:
    """What the rules say: they are precise where words are plain."""
    hits = detect(text, rule_set().of(speaker))
    return any(hit.label is Label.SELF_HARM and hit.tier >= Tier.T2 for hit in hits)


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
