"""Fit the heads and set their thresholds: numpy only, the same bytes every time.

Logistic regression with class weights (L-BFGS, Nocedal 1980). Thresholds come from
scores of cross-validation, so that no text judges a head that learned from it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safety.heads.corpus import FOLDS, Row, Source
from safety.heads.encoder import Encoder, Vectors
from safety.heads.features import CUES, NAMES, features, pieces
from safety.heads.table import Meaning, Threshold

PENALTY_VECTOR, PENALTY_CUES, PENALTY_BIAS = 3.0, 1.0, 1e-6
WEIGHTS = {  # how much a text of each source counts beside one of the head's own bank
    Source.BANK: 0.5,
    Source.CHAT: 0.1,
    Source.TALK: 0.1,
    Source.FORUM: 0.1,
    Source.PUBLIC: 0.1,
}
POSITIVES = 0.5  # the weight of all positives beside that of all negatives
OTHERS_LOWER, OTHERS_STRICT, FORUM_LOWER, FORUM_STRICT = 0.03, 0.01, 0.02, 0.01
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Material:
    """All texts in pieces: `numbers[i]` is a piece of the text `of_row[i]`."""

    rows: tuple[Row, ...]
    parts: tuple[str, ...]
    numbers: Vectors
    of_row: NDArray[np.intp]

    def worst(self, scores: Vectors) -> Vectors:
        """The score of each text: that of its worst piece."""
        found = np.full(len(self.rows), -np.inf)
        np.maximum.at(found, self.of_row, scores)
        return found

    def where(self, wanted: Callable[[Row], bool]) -> Mask:
        return np.array([wanted(row) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Fitted:
    weights: Vectors
    lower: float
    strict: float
    shown: dict[str, float]


def material(rows: tuple[Row, ...], encoder: Encoder) -> Material:
    cut = [pieces(row.text) for row in rows]
    parts = tuple(part for one in cut for part in one)
    of_row = np.repeat(np.arange(len(rows)), [len(one) for one in cut])
    return Material(rows, parts, features(parts, encoder), of_row)


def fit(meaning: Meaning, known: Material) -> Fitted:
    used = known.where(lambda row: _is_used(meaning, row))
    positive = known.where(lambda row: row.is_positive and row.label == meaning.label)
    weight = np.array([_weight(meaning, row) for row in known.rows]) * used
    folds = np.array([row.fold for row in known.rows])
    scores = np.full(len(known.parts), -np.inf)
    for fold in range(FOLDS):
        inside = folds == fold
        beta = _fit(known, positive, weight * ~inside)
        tested = inside[known.of_row]
        scores[tested] = known.numbers[tested] @ beta
    beta = np.round(_fit(known, positive, weight), 4)
    judged = _Judged(meaning, known, used, positive, scores)
    lower = judged.lower()
    strict = max(lower, judged.strict())
    return Fitted(beta, round(lower, 4), round(strict, 4), judged.shown(lower, strict))


def _is_used(meaning: Meaning, row: Row) -> bool:
    if row.speaker is not meaning.speaker or row.label in meaning.unclear:
        return False
    if row.source is Source.TALK:
        return meaning.strict.talk < 1
    return (
        row.source is not Source.PUBLIC
        or row.label == meaning.label
        or (not row.is_positive)
    )


def _weight(meaning: Meaning, row: Row) -> float:
    own = row.source is Source.BANK and row.label == meaning.label
    return 1.0 if own else WEIGHTS[row.source]


def _fit(known: Material, positive: Mask, weight: Vectors) -> Vectors:
    kept = weight[known.of_row] > 0
    y = positive[known.of_row][kept].astype(np.float64)
    w = weight[known.of_row][kept]
    w = np.where(y == 1, w * POSITIVES * w[y == 0].sum() / w[y == 1].sum(), w)
    return minimum(known.numbers[kept], y, w, penalties(known.numbers.shape[1]))


def penalties(size: int) -> Vectors:
    found = np.full(size, PENALTY_VECTOR)
    found[-len(NAMES) - 1 : -1] = PENALTY_CUES
    found[-1] = PENALTY_BIAS
    return found


def minimum(x: Vectors, y: Vectors, w: Vectors, penalty: Vectors) -> Vectors:
    """The weights of the penalised logistic regression."""

    def loss(beta: Vectors) -> tuple[float, Vectors]:
        z = x @ beta
        value = (w * (np.logaddexp(0, z) - y * z)).sum() + 0.5 * (penalty @ beta**2)
        slope = x.T @ (w * (1 / (1 + np.exp(-z)) - y)) + penalty * beta
        return float(value), slope

    return _descend(loss, np.zeros(x.shape[1]))


def _descend(loss: Callable[[Vectors], tuple[float, Vectors]], at: Vectors) -> Vectors:
    value, slope = loss(at)
    moves: list[tuple[Vectors, Vectors]] = []
    for _ in range(100):
        way = _direction(slope, moves)
        size = 1.0
        while True:
            there = at - size * way
            new_value, new_slope = loss(there)
            if new_value <= value - 1e-4 * size * (slope @ way) or size < 1e-6:
                break
            size /= 2
        if (new_slope - slope) @ (there - at) > 1e-10:
            moves = [*moves[-9:], (there - at, new_slope - slope)]
        gain = value - new_value
        at, value, slope = there, new_value, new_slope
        if gain < 1e-6 * abs(value):
            break
    return at


def _direction(slope: Vectors, moves: list[tuple[Vectors, Vectors]]) -> Vectors:
    """The two loops of L-BFGS."""
    way, steps = slope.copy(), []
    for move, change in reversed(moves):
        step = (move @ way) / (change @ move)
        steps.append(step)
        way -= step * change
    if moves:
        move, change = moves[-1]
        way *= (move @ change) / (change @ change)
    else:
        way /= max(1.0, float(np.linalg.norm(slope)))
    for (move, change), step in zip(moves, reversed(steps), strict=True):
        way += move * (step - (change @ way) / (change @ move))
    return way


class _Judged:
    """The scores of cross-validation of one head, and what they allow."""

    def __init__(
        self,
        meaning: Meaning,
        known: Material,
        used: Mask,
        positive: Mask,
        scores: Vectors,
    ) -> None:
        self.meaning = meaning
        self.all = known.worst(scores)
        self.sure = known.worst(np.where(_eased(meaning, known.parts), -1e9, scores))
        own = used & known.where(
            lambda row: row.source is Source.BANK and row.label == meaning.label
        )
        self.found, self.alike = own & positive, own & ~positive
        self.others = used & ~own & known.where(lambda row: row.source is Source.BANK)
        said = known.where(lambda row: row.speaker is meaning.speaker)
        self.chat = said & known.where(lambda row: row.source is Source.CHAT)
        self.talk = said & known.where(lambda row: row.source is Source.TALK)
        self.forum = said & known.where(lambda row: row.source is Source.FORUM)

    def lower(self) -> float:
        limits = self._limits(self.meaning.lower, self.all, OTHERS_LOWER, FORUM_LOWER)
        return max(*limits, self._best())

    def strict(self) -> float:
        limits = self._limits(
            self.meaning.strict, self.sure, OTHERS_STRICT, FORUM_STRICT
        )
        return max(
            *limits, _reached_by(self.sure[self.alike], self.meaning.strict.alike)
        )

    def _limits(
        self, threshold: Threshold, scores: Vectors, others: float, forum: float
    ) -> tuple[float, ...]:
        return (
            _reached_by(scores[self.chat], threshold.chat),
            _reached_by(scores[self.talk], threshold.talk),
            _reached_by(scores[self.others], others),
            _reached_by(scores[self.forum], forum),
        )

    def _best(self) -> float:
        """Where F1 on the head's own bank is highest."""
        own = self.all[self.found | self.alike]
        return max((float(at) - 1e-6 for at in np.unique(own)), key=self._f1)

    def _f1(self, at: float) -> float:
        hit = (self.all[self.found] >= at).sum()
        wrong = (self.all[self.alike] >= at).sum()
        return float(2 * hit / (hit + wrong + self.found.sum()))

    def shown(self, lower: float, strict: float) -> dict[str, float]:
        """For the model card: shares that reach the thresholds in cross-validation."""
        shares = {
            "recall_lower": (self.all, self.found, lower),
            "alike_lower": (self.all, self.alike, lower),
            "recall_strict": (self.sure, self.found, strict),
            "alike_strict": (self.sure, self.alike, strict),
            "chat_lower": (self.all, self.chat, lower),
            "chat_strict": (self.sure, self.chat, strict),
            "talk_lower": (self.all, self.talk, lower),
            "talk_strict": (self.sure, self.talk, strict),
            "forum_strict": (self.sure, self.forum, strict),
        }
        return {
            name: round(float((scores[mask] >= at).mean()), 4) if mask.any() else 0.0
            for name, (scores, mask, at) in shares.items()
        }


def _eased(meaning: Meaning, parts: Iterable[str]) -> Mask:
    patterns = [CUES[name] for name in meaning.eased_by]
    return np.array([any(p.search(part) for p in patterns) for part in parts])


def _reached_by(scores: Vectors, share: float) -> float:
    """The lowest threshold that at most this share of scores reaches."""
    allowed = int(share * len(scores))
    if allowed >= len(scores):
        return -1e9
    return float(np.sort(scores)[::-1][allowed]) + 1e-4
