"""From a text to the numbers that heads weigh: the encoder's vector, cues, length.

Pure but for the encoder. A long text is read in pieces of about a sentence, because a
vector of many sentences says little about any of them.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from math import log1p
from pathlib import Path

import numpy as np

from safety.fold import plainly
from safety.heads.encoder import Encoder, Vectors
from safety.policy import POLICY

CUES = {
    name: re.compile(pattern)
    for name, pattern in tomllib.loads(
        Path(__file__).with_name("cues.toml").read_text("utf-8")
    ).items()
}
NAMES = (*CUES, "length", "log_length")
VECTOR_SCALE, CUE_SCALE = 4.0, 0.5  # so that one penalty fits both
_sentence = re.compile(r".*?(?:[。！？!?\n;；…]+|\.(?=\s)|$)", re.S)
_han = re.compile(r"[\u4e00-\u9fff]")


def pieces(text: str) -> tuple[str, ...]:
    """The folded text in pieces. Of many, those that say most about a person, in their
    order: the rules read the rest."""
    half = POLICY.windows.longest // 2
    ends = text if len(text) <= 2 * half else f"{text[:half]}\n{text[-half:]}"
    plain = plainly(ends)
    found = tuple(_joined(plain)) or (plain,)
    if len(found) <= POLICY.heads.pieces:
        return found
    telling = sorted(range(len(found)), key=lambda at: -sum(cues(found[at])))
    return tuple(found[at] for at in sorted(telling[: POLICY.heads.pieces]))


def _joined(plain: str) -> Iterator[str]:
    """Whole sentences up to the size of a piece; a longer one is cut."""
    size = POLICY.heads.piece // (3 if _han.search(plain) else 1)
    held = ""
    for sentence in _sentence.findall(plain):
        if held and len(held) + len(sentence) > size:
            yield held.strip()
            held = ""
        held += sentence
        while len(held) > size * 1.5:
            yield held[:size].strip()
            held = held[size:]
    if held.strip():
        yield held.strip()


def cues(piece: str) -> list[float]:
    said = [1.0 if pattern.search(piece) else 0.0 for pattern in CUES.values()]
    return [*said, min(len(piece), 300) / 100, log1p(len(piece)) / 3]


def features(parts: Sequence[str], encoder: Encoder) -> Vectors:
    """One row a piece: vector, cues, and 1 for the bias."""
    vectors = np.round(encoder.encode(parts), 5) * VECTOR_SCALE
    beside = np.array([cues(part) for part in parts]) * CUE_SCALE
    return np.hstack([vectors, beside, np.ones((len(parts), 1))])
