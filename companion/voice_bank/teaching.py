"""How the kinds of first messages are learned: from messages written for it, each with
the kinds that it may be taken for, and from what people say in the voice banks. Knows
no person's message.

Those in `messages.*.tsv` were written without a kind in mind, and got theirs later: so
they are like what comes, and they alone set the limits.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.personas import FOLDER as PERSONAS
from companion.voice_bank.bank import wordings
from companion.voice_bank.kinds import TOLD, Limits, Question, named, shares
from safety.heads.encoder import Vectors
from safety.heads.fitting import descend

FOLDER = Path(__file__).parent / "teaching"
FOLDS = 5
PENALTY = 200.0
# Of what is named, so much has to be right: a neighbouring kind does little harm. Of
# what is only given a side, or only said to tell something, more.
RIGHT, RIGHT_WIDE = 0.87, 0.92
OTHER = 0.1  # a line of joy for one who may as well be sad is worse than none
NEVER = 2.0
TELLS = 0.8  # less may be a question, which wants an answer
STEPS = [at / 100 for at in range(30, 100, 2)]


@dataclass(frozen=True, slots=True)
class Row:
    """`kinds`: the best first; more where two readers might differ."""

    said: str
    kinds: tuple[str, ...]
    judges: bool = False

    @property
    def fold(self) -> int:
        return hashlib.sha256(self.said.encode()).digest()[0] % FOLDS


@dataclass(frozen=True, slots=True)
class Taught:
    """One row of `weights` a kind, the bias last; `figures` are those of
    cross-validation."""

    usual: Vectors
    weights: Vectors
    limits: Limits
    figures: dict[str, float]


def rows(folder: Path = FOLDER, personas: Path = PERSONAS) -> Iterator[Row]:
    """Every line of every file (kinds, a tab, the message), then what people say in the
    voice banks. The same message once."""
    seen = set()
    for row in chain(_written(folder), _of_banks(personas)):
        if row.said not in seen:
            seen.add(row.said)
            yield row


def _written(folder: Path) -> Iterator[Row]:
    for file in sorted(folder.glob("*.tsv")):  # those that judge come first
        for line in file.read_text("utf-8").splitlines():
            kinds, said = line.split("\t")
            judges = file.name.startswith("messages.")
            yield Row(said, tuple(kinds.split(",")), judges)


def _of_banks(personas: Path) -> Iterator[Row]:
    for file in sorted(personas.glob("*/bank.*.txt")):
        for one in wordings(file):
            yield Row(one.says, (one.kind,))


def taught(known: list[Row], numbers: Vectors, asked: Question) -> Taught:
    """Raises `ValueError` for a row of a kind that the question does not have."""
    best = np.array([asked.kinds.index(row.kinds[0]) for row in known])
    usual = numbers.mean(axis=0)
    inputs = np.hstack([numbers - usual, np.ones((len(known), 1))])
    crossed = _crossed(inputs, best, [row.fold for row in known], len(asked.kinds))
    rows = [row for row in known if row.judges]
    judged = crossed[[row.judges for row in known]]
    limits = _limits(rows, judged, asked)
    every = {*asked.kinds, *asked.sides, TOLD}
    return Taught(
        usual=usual,
        weights=_fit(inputs, best, len(asked.kinds)),
        limits=limits,
        figures=_figures(rows, judged, asked, limits, every),
    )


def _crossed(
    inputs: Vectors, best: NDArray[np.intp], folds: list[int], kinds: int
) -> Vectors:
    """What each row gets from weights that did not learn from its fold."""
    found = np.zeros((len(best), kinds))
    for fold in range(FOLDS):
        out = np.array(folds) == fold
        found[out] = shares(inputs[out] @ _fit(inputs[~out], best[~out], kinds).T)
    return found


def _fit(inputs: Vectors, best: NDArray[np.intp], kinds: int) -> Vectors:
    """Penalised multinomial logistic regression, one row of weights a kind."""
    wanted = np.eye(kinds)[best]
    penalty = np.full(inputs.shape[1], PENALTY)
    penalty[-1] = 1e-3

    def loss(flat: Vectors) -> tuple[float, Vectors]:
        weights = flat.reshape(kinds, -1)
        odds = inputs @ weights.T
        found = shares(odds)
        chosen = np.maximum(found[np.arange(len(best)), best], 1e-300)
        value = -np.log(chosen).sum() + 0.5 * (weights**2 * penalty).sum()
        slope = (found - wanted).T @ inputs + weights * penalty
        return float(value), slope.ravel()

    return descend(loss, np.zeros(kinds * inputs.shape[1])).reshape(kinds, -1)


def _limits(rows: list[Row], judged: Vectors, asked: Question) -> Limits:
    """The loosest that are right often enough in cross-validation: of a kind, then of a
    side where no kind is sure, then of telling where no side is."""

    def loosest(tried: list[Limits], names: Collection[str], right: float) -> Limits:
        for limits in tried[:-1]:
            if _figures(rows, judged, asked, limits, names)["right"] >= right:
                return limits
        return tried[-1]

    steps = [*STEPS, NEVER]
    none = Limits(kind=NEVER, side=NEVER, other=OTHER, told=NEVER)
    kinds = [replace(none, kind=at) for at in steps]
    found = loosest(kinds, asked.kinds, RIGHT)
    found = loosest([replace(found, side=at) for at in steps], asked.sides, RIGHT_WIDE)
    tells = [replace(found, told=at) for at in steps if at >= TELLS]
    return loosest(tells, (TOLD,), RIGHT_WIDE)


def _figures(
    rows: list[Row],
    judged: Vectors,
    asked: Question,
    limits: Limits,
    names: Collection[str],
) -> dict[str, float]:
    """Shares: of all that get one of `names`, and of those that it is right for."""
    given = [named(found, asked, limits) for found in judged]
    found = [
        bool(set(row.kinds) & set(asked.covers(name)))
        for row, name in zip(rows, given, strict=True)
        if name in names
    ]
    return {
        "named": len(found) / len(rows),
        "right": sum(found) / len(found) if found else 1.0,
    }
