"""What a first message is about, from how the chat model scores its next word.

An encoder hears the topic and hardly its turn: left alone, or left in peace. The model
hears the turn. Both go into one linear model over the kinds of `kinds.toml`. Pure but
for the encoder in memory; keeps no message.
"""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.heads.encoder import Vectors, encoder

FILE = Path(__file__).with_name("kinds.json")
QUESTION = Path(__file__).with_name("kinds.toml")
LONGEST = 300  # characters that are read
TOLD = "told"  # the name of lines that are right whatever is told
# What makes both kinds of numbers weigh about the same in the fit.
SPREAD_OF_SCORES, SPREAD_OF_VECTORS = 1.25, 0.042


class KindsBroken(ValueError):
    """The file does not belong to what runs here."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked: a role, and texts with what is to be said of them.
    `sides` names kinds that have a side in common, two of them; `told` are all that
    tell something, where the others only ask, greet or leave; `asks` want an answer of
    their own."""

    role: str
    examples: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    sides: dict[str, tuple[str, ...]]
    told: tuple[str, ...]
    asks: tuple[str, ...]

    @property
    def sided(self) -> set[str]:
        return {kind for kinds in self.sides.values() for kind in kinds}

    def covers(self, name: str) -> tuple[str, ...]:
        """The kinds for which a line under this name is right."""
        return self.told if name == TOLD else self.sides.get(name, (name,))


@dataclass(frozen=True, slots=True)
class Limits:
    """How likely a kind must be to be named; how likely all of a side, and the other
    side at most; how likely it must be that something is told at all."""

    kind: float
    side: float
    other: float
    told: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """`model` is the one that they know, `tokens` those whose scores they weigh.
    `usual` is the middle of the numbers, `weights` one row a kind: of the scores, of
    the encoder's vector, and the bias."""

    model: str
    tokens: tuple[int, ...]
    limits: Limits
    usual: Vectors
    weights: Vectors


@cache
def question() -> Question:
    """Raises KeyError or ValueError for a file that is not complete."""
    entry = tomllib.loads(QUESTION.read_text("utf-8"))
    return Question(
        role=entry["role"],
        examples=tuple((said, answer) for said, answer in entry["examples"]),
        kinds=tuple(entry["kinds"]),
        sides={name: tuple(kinds) for name, kinds in entry["sides"].items()},
        told=tuple(kind for kind in entry["kinds"] if kind not in entry["not_told"]),
        asks=tuple(entry["asks"]),
    )


def fingerprint() -> str:
    """Other questions need other coefficients."""
    return hashlib.sha256(QUESTION.read_bytes()).hexdigest()


@cache
def coefficients(file: Path = FILE) -> Coefficients:
    """Raises `KindsBroken`, or OSError where a file is missing."""
    table = json.loads(file.read_text("ascii"))
    if table["question"] != fingerprint() or table["encoder"] != encoder().identity:
        raise KindsBroken("the kinds need manage.py build_kinds")
    kept = file.with_suffix(".npy").read_bytes()
    if hashlib.sha256(kept).hexdigest() != table["numbers"]:
        raise KindsBroken("the numbers of the kinds were changed")
    numbers = np.load(BytesIO(kept), allow_pickle=False).astype(np.float64)
    return Coefficients(
        model=table["model"],
        tokens=tuple(table["tokens"]),
        limits=Limits(**table["limits"]),
        usual=numbers[0, :-1],
        weights=numbers[1:],
    )


def numbers_of(said: Sequence[str], scores: NDArray[np.floating]) -> Vectors:
    """One row a message: its scores beside each other, for what they have in common
    says nothing, and the vector of the encoder."""
    seen = np.asarray(scores, dtype=np.float64)
    seen = (seen - seen.mean(axis=1, keepdims=True)) / SPREAD_OF_SCORES
    heard = encoder().encode([one[:LONGEST] for one in said]) / SPREAD_OF_VECTORS
    return np.hstack([seen, heard])


def likely(said: str, scores: Sequence[float]) -> Vectors:
    """How likely each kind is, in the order of the question's."""
    known = coefficients()
    [numbers] = numbers_of([said], np.array([scores])) - known.usual
    return shares(known.weights[:, :-1] @ numbers + known.weights[:, -1])


def shares(odds: Vectors) -> Vectors:
    """Odds to shares of one (softmax), along the last axis."""
    raised = np.exp(odds - odds.max(axis=-1, keepdims=True))
    found: Vectors = raised / raised.sum(axis=-1, keepdims=True)
    return found


def named(found: Vectors, asked: Question, limits: Limits) -> str:
    """The kind; a side, where only that is sure; that something is told; or nothing."""
    best = asked.kinds[int(found.argmax())]
    sides = {side: _together(found, asked, side) for side in asked.sides}
    likeliest, against = sorted(sides, key=lambda side: -sides[side])[:2]
    is_one_sided = sides[against] <= limits.other
    if found.max() >= limits.kind and (is_one_sided or best not in asked.sided):
        return best
    if sides[likeliest] >= limits.side and is_one_sided:
        return likeliest
    return TOLD if _together(found, asked, TOLD) >= limits.told else ""


def _together(found: Vectors, asked: Question, name: str) -> float:
    return float(sum(found[asked.kinds.index(kind)] for kind in asked.covers(name)))
