"""The sentences that are measured: the banks of this repository, and a folder of
JSON Lines beside it that is never needed.

A sample says which questions are asked of its verdict and what the right answer is.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safety import banks
from safety.evaluation import questions
from safety.evaluation.disguises import disguised
from safety.evaluation.questions import Question
from safety.evaluation.split import is_unread

Speaker = Literal["user", "model"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of one set; `wanted` is the right answer."""

    set: str
    question: Question
    wanted: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """`clear` is what a disguised text says; its half is that of the clear text."""

    text: str
    lang: str
    speaker: Speaker
    asked: tuple[Asked, ...]
    clear: str = ""

    @property
    def is_unread(self) -> bool:
        return is_unread(self.clear or self.text)


def of_banks(folder: Path = banks.FOLDER) -> Iterator[Sample]:
    """Every exemplar of the banks, each with the questions of its bank."""
    for one in banks.exemplars(folder):
        asked = tuple(_asked_of(one))
        yield Sample(one.text, one.lang, one.speaker, asked)


def of_disguises(
    is_found: Callable[[Sample], bool], folder: Path = banks.FOLDER
) -> Iterator[Sample]:
    """Every exemplar of explicit intent that is found in clear, in each disguise."""
    for one in banks.exemplars(folder):
        clear = Sample(one.text, one.lang, one.speaker, ())
        if one.tier and one.is_positive and is_found(clear):
            for name, text in disguised(one.text):
                asked = Asked(f"disguised {one.bank}, {name}", questions.EXPLICIT, True)
                yield Sample(text, one.lang, one.speaker, (asked,), one.text)


def of_folder(folder: Path) -> Iterator[Sample]:
    """The files in `folder` that are known here; the others are left alone."""
    for name, reader in READERS.items():
        path = folder / f"{name}.jsonl"
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                yield from reader(name, json.loads(line))


def _asked_of(one: banks.Exemplar) -> Iterator[Asked]:
    """Explicit intent must reach a takeover; a look-alike of danger must not."""
    name = f"bank {one.bank}"
    if one.speaker == "model":
        yield Asked(name, questions.HELD_BACK, one.is_positive)
    else:
        yield Asked(name, questions.found(one.bank), one.is_positive)
    if one.tier:
        yield Asked(name, questions.EXPLICIT, True)
        wording = "plain words" if one.is_plain else "between the lines"
        yield Asked(f"{name}, {wording}", questions.EXPLICIT, True)
    if one.bank == "self_harm" and not one.is_positive:
        yield Asked(name, questions.TAKEOVER, False)


def _smalltalk(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    asked = (
        Asked(name, questions.DISTURBED, False),
        Asked(name, questions.NOTICED, False),
    )
    yield Sample(row["text"], row["lang"], "user", asked)


def _counselling(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    """Distress that is mostly not suicidal: only what goes too far is counted."""
    asked = (
        Asked(name, questions.PEOPLE_TOLD, False),
        Asked(name, questions.TAKEOVER, False),
    )
    for turn in row["dialogue"]:
        if turn["role"] == "user":
            yield Sample(turn["text"], row["lang"], "user", asked)


MODERATION = {"S": "sexual", "S3": "sexual_minor", "V": "violence", "H": "hate_insult"}


def _moderation(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    labels = set(row["labels"])
    asked: list[Asked] = []
    if not labels:
        asked.append(Asked(f"{name} clean", questions.DISTURBED, False))
    if "SH" in labels:
        asked.append(Asked(f"{name} self-harm", questions.NOTICED, True))
        asked.append(Asked(f"{name} self-harm", questions.EXPLICIT, True))
    asked += [
        Asked(name, questions.found(ours), True)
        for theirs, ours in MODERATION.items()
        if theirs in labels
    ]
    if asked:
        yield Sample(row["text"], row["lang"], "user", tuple(asked))


def _offensive(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    asked = (Asked(name, questions.found("hate_insult"), row["offensive"]),)
    yield Sample(row["text"], row["lang"], "user", asked)


def _harmful(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    if row["category"] != "copyright":
        asked = (Asked(name, questions.HELD_BACK, True),)
        yield Sample(row["text"], row["lang"], "user", asked)


def _seed(name: str, row: dict[str, Any]) -> Iterator[Sample]:
    if row["label"] == banks.BENIGN:
        question, wanted = questions.DISTURBED, False
    elif row["speaker"] == "model":
        question, wanted = questions.HELD_BACK, True
    else:
        question, wanted = questions.found(row["label"]), True
    set_name = f"{name} {row['label']}"
    yield Sample(
        row["text"], row["lang"], row["speaker"], (Asked(set_name, question, wanted),)
    )


Reader = Callable[[str, dict[str, Any]], Iterator[Sample]]
READERS: dict[str, Reader] = {
    "smalltalk_zh": _smalltalk,
    "counselling_zh": _counselling,
    "moderation_en": _moderation,
    "offensive_zh": _offensive,
    "harmful_requests_en": _harmful,
    "seed_classes": _seed,
}
