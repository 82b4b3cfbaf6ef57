"""The layer of heads: a message or a sentence in, hits out.

Pure but for the encoder in memory. Raises when anything is missing; the gate then
counts the layer as failed.
"""

from collections.abc import Iterator

import numpy as np

from safety.heads.coefficients import coefficients
from safety.heads.encoder import Vectors, encoder
from safety.heads.features import CUES, features, pieces
from safety.heads.table import Meaning, meanings
from safety.verdict import Action, Hit, Said, Speaker

LAYER = "heads"


def read(said: Said) -> tuple[Hit, ...]:
    """The hits of the heads of whoever speaks, over all pieces of the text."""
    parts = pieces(said.text)
    rows = features(parts, encoder())
    return tuple(_hits(parts, scores(rows), said.speaker))


def scores(rows: Vectors) -> Vectors:
    """One row a piece, one column a head: log odds."""
    found: Vectors = np.dot(rows, coefficients(encoder()).weights.T)
    return found


def _hits(parts: tuple[str, ...], found: Vectors, speaker: Speaker) -> Iterator[Hit]:
    known = coefficients(encoder())
    for column, label in enumerate(known.labels):
        meaning = meanings()[label]
        if meaning.speaker is not speaker:
            continue
        score = found[:, column]
        worst = int(np.argmax(score))
        if score[worst] < known.lower[column]:
            continue
        is_sure = bool(score[worst] >= known.strict[column])
        if speaker is Speaker.MODEL and not is_sure:
            continue  # a sentence is withheld or it is not
        yield _hit(meaning, parts[worst], float(score[worst]), is_sure=is_sure)


def _hit(meaning: Meaning, part: str, score: float, *, is_sure: bool) -> Hit:
    eased = _eased(meaning, part) if is_sure else ""
    threshold = meaning.strict if is_sure and not eased else meaning.lower
    blocks = is_sure and meaning.speaker is Speaker.MODEL
    return Hit(
        rule=f"head:{meaning.label}",
        label=meaning.label,
        tier=threshold.tier,
        action=Action.BLOCK if blocks else None,
        context=eased,
        score=round(1 / (1 + np.exp(-score)), 4),
        layer=LAYER,
    )


def _eased(meaning: Meaning, part: str) -> str:
    return next((cue for cue in meaning.eased_by if CUES[cue].search(part)), "")
