"""Fit the heads and set their thresholds: the same bytes every time.

Each head learns its class against look-alikes, other classes and harmless talk, and
leans on what all classes of a speaker have in common. Thresholds come from scores of
cross-validation (`safety.heads.judging`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from safety.heads.corpus import FOLDS, LIFE, MOOD, Row, Source
from safety.heads.encoder import Vectors
from safety.heads.fitting import Mask, minimum, penalties
from safety.heads.judging import Judged
from safety.heads.material import Material
from safety.heads.table import Meaning
from safety.verdict import Label, Speaker

WEIGHTS = {  # how much a text of each source counts beside one of the head's own bank
    Source.BANK: 0.5,
    Source.LESSON: 0.5,
    Source.VEILED: 0.2,  # more, and every day told in detail is taken for danger
    Source.CHAT: 0.5,
    Source.LIFE: 2.0,
    Source.TALK: 1.0,
    Source.FORUM: 0.5,
    Source.PUBLIC: 0.5,
}
POSITIVES = 0.5  # the weight of all positives beside that of all negatives
COMMON = {Speaker.USER: 0.3, Speaker.MODEL: 1.0}  # how much a head leans on it
NO_ALARM = {Label.EXIT, Label.HUMAN_QUESTION}  # classes that share nothing with danger
OWN = {Source.BANK, Source.LESSON}
FINEST = 127  # a weight of a run is a whole number up to this, times the head's grain


@dataclass(frozen=True, slots=True)
class Fitted:
    """`runs` are whole numbers; times `grain` they are weights."""

    weights: Vectors
    runs: Vectors
    grain: float
    lower: float
    strict: float
    shown: dict[str, float]


def fit_all(asked: list[Meaning], known: Material) -> Iterator[tuple[str, Fitted]]:
    """Label and head, one after the other."""
    common = {one.speaker: _common(one.speaker, known) for one in asked}
    for meaning in asked:
        yield meaning.label, _head(meaning, known, common[meaning.speaker])


def cross_scores(asked: list[Meaning], known: Material) -> dict[str, Vectors]:
    """What heads that did not learn from a piece say of it."""
    common = {one.speaker: _common(one.speaker, known) for one in asked}
    return {one.label: _crossed(one, known, common[one.speaker])[0] for one in asked}


def _common(speaker: Speaker, known: Material) -> list[Vectors]:
    """What tells any alarming sentence of a speaker from harmless ones: weights
    without each fold in turn, and at last with all."""
    said = known.where(lambda row: row.speaker is speaker)
    positive = said & known.where(
        lambda row: row.is_positive and row.label not in NO_ALARM
    )
    weight = np.array([_weight(row.label, row) for row in known.rows]) * said
    return [
        COMMON[speaker] * _fit(known, positive, weight * kept) for kept in _folds(known)
    ]


def _folds(known: Material) -> list[Mask]:
    """All but each fold in turn, and everything."""
    folds = np.array([row.fold for row in known.rows])
    return [*(folds != fold for fold in range(FOLDS)), folds >= 0]


def _crossed(
    meaning: Meaning, known: Material, common: list[Vectors]
) -> tuple[Vectors, Vectors]:
    """The scores of cross-validation, and the head that learned from everything."""
    used, positive = masks(meaning, known)
    weight = np.array([_weight(meaning.label, row) for row in known.rows]) * used
    scores = np.full(len(known.parts), -np.inf)
    for kept, shared in zip(_folds(known), common, strict=True):
        beta = _fit(known, positive, weight * kept) + shared
        tested = ~kept[known.of_row]
        if tested.any():
            scores[tested] = known.numbers.only(tested).times(beta)
    return scores, beta


def masks(meaning: Meaning, known: Material) -> tuple[Mask, Mask]:
    """The rows that teach or judge a class at all, and its positives."""
    used = known.where(lambda row: _is_used(meaning, row))
    positive = known.where(lambda row: row.is_positive and row.label == meaning.label)
    return used, positive


def _head(meaning: Meaning, known: Material, common: list[Vectors]) -> Fitted:
    scores, beta = _crossed(meaning, known, common)
    judged = Judged(meaning, known, *masks(meaning, known), scores)
    lower, strict = judged.thresholds()
    width = known.numbers.dense.shape[1]  # the last beta learned from everything
    grain = float(f"{np.abs(beta[width:]).max() / FINEST:.6g}")
    return Fitted(
        weights=np.round(beta[:width], 4),
        runs=np.round(beta[width:] / grain),
        grain=grain,
        lower=round(lower, 4),
        strict=round(strict, 4),
        shown=judged.shown(lower, strict),
    )


def _is_used(meaning: Meaning, row: Row) -> bool:
    may_be = row.is_positive or row.label == MOOD
    is_unclear = may_be and row.label in meaning.unclear
    if row.speaker is not meaning.speaker or is_unclear:
        return False
    if row.source is Source.LIFE and LIFE in meaning.unclear:
        return False
    if row.source is Source.TALK:
        return meaning.strict.talk < 1
    return (
        row.source is not Source.PUBLIC
        or row.label == meaning.label
        or (not row.is_positive)
    )


def _weight(label: str, row: Row) -> float:
    if not row.teaches:
        return 0.0
    own = row.source in OWN and row.label == label
    return 1.0 if own else WEIGHTS[row.source]


def _fit(known: Material, positive: Mask, weight: Vectors) -> Vectors:
    kept = weight[known.of_row] > 0
    y = positive[known.of_row][kept].astype(np.float64)
    w = weight[known.of_row][kept]
    w = np.where(y == 1, w * POSITIVES * w[y == 0].sum() / w[y == 1].sum(), w)
    numbers = known.numbers
    return minimum(numbers.only(kept), y, w, penalties(numbers.dense.shape[1]))
