"""All texts that teach or calibrate, cut in pieces and turned into numbers once.

The score of a text is that of its worst piece, here as in the gate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safety.heads.corpus import Row
from safety.heads.encoder import Encoder, Vectors
from safety.heads.features import features, pieces
from safety.heads.fitting import Mask, Numbers
from safety.heads.grams import grams


@dataclass(frozen=True, slots=True)
class Material:
    """Row i of `numbers` is the piece `parts[i]` of the text `of_row[i]`."""

    rows: tuple[Row, ...]
    parts: tuple[str, ...]
    numbers: Numbers
    of_row: NDArray[np.intp]

    def worst(self, scores: Vectors) -> Vectors:
        found = np.full(len(self.rows), -np.inf)
        np.maximum.at(found, self.of_row, scores)
        return found

    def where(self, wanted: Callable[[Row], bool]) -> Mask:
        return np.array([wanted(row) for row in self.rows])


def material(rows: tuple[Row, ...], encoder: Encoder) -> Material:
    cut = [pieces(row.text) for row in rows]
    parts = tuple(part for one in cut for part in one)
    of_row = np.repeat(np.arange(len(rows)), [len(one) for one in cut])
    dense = features(parts, encoder).astype(np.float32)
    numbers = Numbers(dense, grams(parts))
    return Material(rows, parts, numbers, of_row)
