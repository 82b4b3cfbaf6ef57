"""The numbers that `manage.py build_look` wrote: read once, checked, frozen.

Raises when a file is missing, changed, or made for other questions.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.look.questions import fingerprint
from safety.verdict import Speaker

FILE = Path(__file__).with_name("coefficients.json")


class LookBroken(ValueError):
    """The file does not belong to what runs here."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Log odds of one class. From `doubt` of the head on a look is taken; what head and
    look say together is weighed against `lower` and `strict`."""

    doubt: float
    lower: float
    strict: float

    def as_table(self) -> dict[str, float]:
        return {"doubt": self.doubt, "lower": self.lower, "strict": self.strict}


@dataclass(frozen=True, slots=True)
class Coefficients:
    """`model` is the one that they know, `tokens` those whose scores they weigh.
    `usual` are the middles of the scores, `weights` one row a label: of the scores, of
    the head's own log odds, and the bias."""

    model: str
    tokens: tuple[int, ...]
    labels: dict[Speaker, tuple[str, ...]]
    limits: dict[str, Limits]
    usual: dict[Speaker, NDArray[np.float32]]
    weights: dict[str, NDArray[np.float32]]


def sum_file(file: Path = FILE) -> Path:
    return file.with_suffix(".sha256")


def numbers_file(file: Path = FILE) -> Path:
    return file.with_suffix(".npy")


@cache
def coefficients(file: Path = FILE) -> Coefficients:
    raw = file.read_bytes()
    if hashlib.sha256(raw).hexdigest() != sum_file(file).read_text("ascii").strip():
        raise LookBroken("the file of coefficients was changed")
    table = json.loads(raw)
    if table["questions"] != fingerprint():
        raise LookBroken("the coefficients belong to other questions")
    kept = numbers_file(file).read_bytes()
    if hashlib.sha256(kept).hexdigest() != table["numbers"]:
        raise LookBroken("the file of numbers was changed")
    numbers = np.load(BytesIO(kept), allow_pickle=False)
    labels = {Speaker(who): tuple(said) for who, said in table["labels"].items()}
    every = [label for said in labels.values() for label in said]
    width = len(table["tokens"]) + 2
    if numbers.shape != (len(labels) + len(every), width):
        raise LookBroken("the numbers do not fit the labels")
    return Coefficients(
        model=table["model"],
        tokens=tuple(table["tokens"]),
        labels=labels,
        limits={label: Limits(**one) for label, one in table["limits"].items()},
        usual={who: row[:-2] for who, row in zip(labels, numbers, strict=False)},
        weights=dict(zip(every, numbers[len(labels) :], strict=True)),
    )
