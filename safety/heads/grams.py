"""The words of a piece beside its vector: which short runs of words occur.

An encoder hears the gist, a run of words the turn of phrase. Each run is hashed to one
of `CELLS` numbers, so no list of anybody's words is kept. Pure; never keeps a text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

CELLS = 1 << 14
SCALE = 4.0  # beside the vector, so that one penalty fits both
LONGEST = 3  # words in a run, one more where all are Chinese characters
LETTERS = 4  # of a run inside a long word, for inflections and slips
_token = re.compile(r"[a-z']+|[0-9]+|[\u4e00-\u9fff]|[^\s\w]")
_han = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Grams:
    """The cells of all pieces one behind the other: those of piece i stand between
    `starts[i]` and `starts[i + 1]`, each with the same `weights[i]`."""

    cells: NDArray[np.intp]
    starts: NDArray[np.intp]
    weights: NDArray[np.float64]


def grams(parts: Sequence[str]) -> Grams:
    found = [sorted({crc32(run.encode()) % CELLS for run in runs(p)}) for p in parts]
    sizes = np.array([len(one) for one in found], dtype=np.intp)
    return Grams(
        cells=np.array([cell for one in found for cell in one], dtype=np.intp),
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp),
        weights=SCALE / np.sqrt(np.maximum(sizes, 1)),
    )


def runs(piece: str) -> Iterator[str]:
    """One to three words (four Chinese characters), and letters of long words."""
    words = ["^", *_token.findall(piece.lower()), "$"]
    for size in range(1, LONGEST + 2):
        for at in range(len(words) - size + 1):
            run = words[at : at + size]
            if size <= LONGEST or all(map(_han.match, run)):
                yield " ".join(run)
    for word in words:
        if len(word) > LETTERS and word.isascii():
            for at in range(len(word) - LETTERS + 1):
                yield f"#{word[at : at + LETTERS]}"
