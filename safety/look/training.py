"""Fit the closer look: what the chat model's scores add to each head.

As the heads it learns from the read half alone, and its limits come from scores of
cross-validation. The same rows and scores give the same numbers.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.heads.corpus import FOLDS, MOOD, Source
from safety.heads.encoder import Vectors
from safety.heads.fitting import Mask, descend
from safety.heads.judging import Judged, reached_by
from safety.heads.material import Material
from safety.heads.table import Meaning
from safety.heads.training import masks
from safety.look.coefficients import Limits
from safety.verdict import Speaker

FILE = Path(__file__).with_name("looks.toml")
PENALTY = 1.0
SCALE = 4.0  # of the length of a row of scores, so that the penalty fits
HEAD = 0.5  # of a head's log odds beside them
VEILED, OTHERS = 0.3, 0.5  # the weight of a text beside one of the class's own bank
# How much more harmless chat head and look together may disturb than the head alone
ROOM = {Speaker.USER: 2.0, Speaker.MODEL: 1.0}
NEVER, SURE = -1e6, 1e6
OWN = {Source.BANK, Source.LESSON}


@dataclass(frozen=True, slots=True)
class Shown:
    """Row i of `scores` are those of the piece at `places[i]` of the material."""

    places: NDArray[np.intp]
    scores: Vectors


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says of every piece in cross-validation, and its threshold."""

    scores: Vectors
    strict: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """`weights` are those of the scores, of the head's log odds, and the bias."""

    weights: Vectors
    limits: Limits
    shown: dict[str, float]


@cache
def shares() -> dict[str, dict[str, float]]:
    """The classes that get a look."""
    return tomllib.loads(FILE.read_text("utf-8"))


def doubts(meaning: Meaning, known: Material, crossed: Vectors) -> float:
    """From where on a head is in doubt."""
    worst, share = known.worst(crossed), shares()[meaning.label]
    is_model = meaning.speaker is Speaker.MODEL
    chat = known.where(
        lambda row: (
            row.speaker is meaning.speaker
            and row.source is Source.CHAT
            and row.label != MOOD
        )
    )
    second = Source.TALK if is_model else Source.LIFE
    life = known.where(
        lambda row: row.speaker is meaning.speaker and row.source is second
    )
    return round(
        max(
            reached_by(worst[chat], share["chat"]),
            reached_by(worst[life], share["life"]),
        ),
        4,
    )


def usual(scores: Vectors) -> Vectors:
    """The middle of the scores, each row beside its own middle."""
    middle: Vectors = beside(scores).mean(axis=0)
    return middle


def beside(scores: Vectors) -> Vectors:
    """What all tokens have in common says nothing."""
    found: Vectors = scores - scores.mean(axis=1, keepdims=True)
    return found


def fit_all(
    asked: list[Meaning],
    known: Material,
    shown: Shown,
    crossed: dict[str, Vectors],
    strict: dict[str, float],
) -> Iterator[tuple[str, Fitted]]:
    """Label and look of one speaker's classes, one after the other. `crossed` are the
    heads' scores of cross-validation, `strict` their thresholds."""
    seen = beside(shown.scores) - usual(shown.scores)
    size = float(np.linalg.norm(seen, axis=1).mean()) / SCALE
    for meaning in asked:
        head = Head(crossed[meaning.label], strict[meaning.label])
        yield meaning.label, _look(meaning, known, shown, seen / size, head, size)


def _look(
    meaning: Meaning,
    known: Material,
    shown: Shown,
    seen: Vectors,
    head: Head,
    size: float,
) -> Fitted:
    used, positive = masks(meaning, known)
    rows = known.of_row[shown.places]
    beside_it = head.scores[shown.places, None] * HEAD
    numbers = np.hstack([seen, beside_it, np.ones((len(seen), 1))])
    weight = np.array([_weight(meaning, known, row) for row in rows]) * used[rows]
    folds = np.array([known.rows[row].fold for row in rows])
    both = np.full(len(known.parts), NEVER)
    for fold in range(FOLDS):
        beta = _fit(numbers, positive[rows], weight * (folds != fold))
        tested = shown.places[folds == fold]
        both[tested] = numbers[folds == fold] @ beta
    doubt = doubts(meaning, known, head.scores)
    both[head.scores < doubt] = NEVER
    if meaning.leads_to_danger:  # what the head is sure of is never shown to a model
        both[head.scores >= head.strict] = SURE
    judged = Judged(
        _allowed(meaning), known, used, positive, both, room=ROOM[meaning.speaker]
    )
    lower, strict = judged.thresholds()
    beta = _fit(numbers, positive[rows], weight)
    return Fitted(
        weights=np.concatenate([beta[:-2] / size, [beta[-2] * HEAD, beta[-1]]]),
        limits=Limits(doubt, round(lower, 4), round(strict, 4)),
        shown=judged.shown(lower, strict),
    )


def _allowed(meaning: Meaning) -> Meaning:
    """With the share of look-alikes that head and look together may take."""
    alike = shares()[meaning.label].get("alike", meaning.strict.alike)
    return replace(meaning, strict=replace(meaning.strict, alike=alike))


def _weight(meaning: Meaning, known: Material, row: int) -> float:
    said = known.rows[row]
    if said.source is Source.VEILED:
        return VEILED
    return 1.0 if said.source in OWN and said.label == meaning.label else OTHERS


def _fit(numbers: Vectors, positive: Mask, weight: Vectors) -> Vectors:
    """Penalised logistic regression; positives weigh half as much as the others."""
    kept = weight > 0
    x, y, w = numbers[kept], positive[kept].astype(np.float64), weight[kept]
    w = np.where(y == 1, w * 0.5 * w[y == 0].sum() / w[y == 1].sum(), w)
    penalty = np.append(np.full(x.shape[1] - 1, PENALTY), 1e-6)

    def loss(beta: Vectors) -> tuple[float, Vectors]:
        z = x @ beta
        value = (w * (np.logaddexp(0, z) - y * z)).sum() + 0.5 * (penalty @ beta**2)
        slope = x.T @ (w * (1 / (1 + np.exp(-z)) - y)) + penalty * beta
        return float(value), slope

    return descend(loss, np.zeros(x.shape[1]))
