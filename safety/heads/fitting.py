"""Penalised logistic regression over vectors, cues and runs of words: numpy only.

L-BFGS (Nocedal 1980) from zero, so that the same rows give the same numbers. Knows
nothing of texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.heads.encoder import Vectors
from safety.heads.features import NAMES
from safety.heads.grams import CELLS, Grams

PENALTY_VECTOR, PENALTY_CUES, PENALTY_BIAS, PENALTY_RUNS = 3.0, 1.0, 1e-6, 3.0
STEPS, ENOUGH = 60, 1e-5  # of the descent: how many at most, and when it has arrived
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is weighed, one row a piece: dense numbers, and the cells of its runs."""

    dense: NDArray[np.floating[Any]]
    runs: Grams

    @property
    def size(self) -> int:
        return int(self.dense.shape[1]) + CELLS

    def only(self, kept: Mask) -> "Numbers":
        sizes = np.diff(self.runs.starts)
        cells = self.runs.cells[np.repeat(kept, sizes)]
        starts = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.intp)
        return Numbers(self.dense[kept], Grams(cells, starts, self.runs.weights[kept]))

    def times(self, beta: Vectors) -> Vectors:
        """The score of each row."""
        width = self.dense.shape[1]
        heard = np.add.reduceat(beta[width:][self.runs.cells], self.runs.starts[:-1])
        seen = self.dense @ beta[:width].astype(self.dense.dtype)
        found: Vectors = seen + heard * self.runs.weights
        return found

    def back(self, slopes: Vectors) -> Vectors:
        """The transposed product: one number a weight."""
        each = np.repeat(slopes * self.runs.weights, np.diff(self.runs.starts))
        heard = np.bincount(self.runs.cells, weights=each, minlength=CELLS)
        seen = slopes.astype(self.dense.dtype) @ self.dense
        return np.concatenate([seen, heard])


def penalties(width: int) -> Vectors:
    dense = np.full(width, PENALTY_VECTOR)
    dense[-len(NAMES) - 1 : -1] = PENALTY_CUES
    dense[-1] = PENALTY_BIAS
    return np.concatenate([dense, np.full(CELLS, PENALTY_RUNS)])


def minimum(x: Numbers, y: Vectors, w: Vectors, penalty: Vectors) -> Vectors:
    """The weights of the penalised logistic regression."""

    def loss(beta: Vectors) -> tuple[float, Vectors]:
        z = x.times(beta)
        value = (w * (np.logaddexp(0, z) - y * z)).sum() + 0.5 * (penalty @ beta**2)
        slope = x.back(w * (1 / (1 + np.exp(-z)) - y)) + penalty * beta
        return float(value), slope

    return descend(loss, np.zeros(x.size))


def descend(loss: Callable[[Vectors], tuple[float, Vectors]], at: Vectors) -> Vectors:
    """Where the loss is least, from `at` on; `loss` gives its value and its slope."""
    value, slope = loss(at)
    moves: list[tuple[Vectors, Vectors]] = []
    for _ in range(STEPS):
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
        if gain < ENOUGH * abs(value):
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
