"""The layer of heads: a message or a sentence in, hits out.

Pure but for the encoder in memory. Raises when anything is missing; the gate then
counts the layer as failed.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from safety.fold import HAN, fold
from safety.fold.english import KNOWN
from safety.heads.coefficients import coefficients
from safety.heads.encoder import Vectors, encoder
from safety.heads.features import CUES, features, pieces
from safety.heads.grams import grams
from safety.heads.table import Meaning, meanings
from safety.policy import POLICY
from safety.verdict import Action, Hit, Said, Speaker

LAYER = "heads"
READINGS = 6  # of a disguised text, at most
ACCENTS = 5  # more than one letter in so many, and the language is a foreign one
SHORT = 80  # characters, half as many of Chinese: a second look costs little there
_between = re.compile(r"[\W_]+")
_word = re.compile(r"[a-z]+")
_han = re.compile(f"[{HAN}]")
# Characters that stand alone one after another, or with a mark between them that no
# sentence has there (three dots are a pause)
_odd = r"\s*(?:\.|[_·•*\-+|/\\^=`#&]+)\s*"
_apart = re.compile(
    rf"(?:[{HAN}]\s{{1,3}}){{2}}[{HAN}]|(?:[{HAN}][\W_]{{1,3}}){{3}}[{HAN}]|"
    rf"[{HAN}]{_odd}[{HAN}]"
)


def read(said: Said) -> tuple[Hit, ...]:
    """The hits of the heads of whoever speaks, over all pieces of the text."""
    parts = parts_of(said.text)
    return hits_of(said, parts, scores(parts))


def hits_of(said: Said, parts: tuple[str, ...], found: Vectors) -> tuple[Hit, ...]:
    """What the scores of the pieces mean, one row a piece and one column a head."""
    hits = tuple(_hits(parts, found, said.speaker))
    if said.speaker is Speaker.USER and _is_foreign(said.text):
        hits = tuple(_lowered(hit, "foreign") for hit in hits)
    heard = frozenset(hit.label for hit in hits)
    return tuple(_yielding(hit, heard) for hit in hits)


def _is_foreign(text: str) -> bool:
    """Written with so many accents that it is no language the heads have learned, as
    Vietnamese: what they say of it means little."""
    begins = filter(str.isalpha, text[: POLICY.windows.size])
    letters = [unicodedata.normalize("NFD", one) for one in begins]
    accents = sum(len(one) > 1 and one[0].isascii() for one in letters)
    return accents * ACCENTS > len(letters)


def parts_of(text: str) -> tuple[str, ...]:
    """The pieces of a text, and of what it says where it is disguised. What differs in
    ordinary punctuation alone is worth a second look only where that is cheap."""
    found = dict.fromkeys(pieces(text))
    if len(text) <= POLICY.windows.size:
        plain, *others = fold(text)[:READINGS]
        for reading in others:
            if _is_short(plain) or _says_more(plain, reading):
                found.update(dict.fromkeys(pieces(reading)))
    return tuple(found)


def _is_short(plain: str) -> bool:
    return len(plain) * (2 if _han.search(plain) else 1) <= SHORT


def _says_more(plain: str, reading: str) -> bool:
    """Whether letters changed, a word appeared that the rules know, or characters stood
    apart. That commas and hyphens are gone tells an encoder nothing new."""
    if _between.sub("", plain) != _between.sub("", reading):
        return True
    if _apart.search(plain):
        return True
    return bool((set(_word.findall(reading)) - set(_word.findall(plain))) & KNOWN)


def scores(parts: Sequence[str]) -> Vectors:
    """One row a piece, one column a head: log odds."""
    known, run = coefficients(encoder()), grams(parts)
    heard = np.add.reduceat(known.runs[run.cells], run.starts[:-1], axis=0)
    found: Vectors = features(parts, encoder()) @ known.weights.T
    return found + heard * run.weights[:, None]


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
    blocks = is_sure and not eased and meaning.speaker is Speaker.MODEL
    return Hit(
        rule=f"head:{meaning.label}",
        label=meaning.label,
        tier=threshold.tier,
        action=Action.BLOCK if blocks else None,
        context=eased,
        score=round(float(1 / (1 + np.exp(-score))), 4),
        layer=LAYER,
    )


def _yielding(hit: Hit, heard: frozenset[str]) -> Hit:
    """One guess falls to its lower tier where another explains the words better."""
    better = next(iter(heard & meanings()[hit.label].yields_to), "")
    return _lowered(hit, str(better)) if better else hit


def _lowered(hit: Hit, context: str) -> Hit:
    """At most at the tier of its lower threshold, because of `context`."""
    tier = meanings()[hit.label].lower.tier
    return hit if hit.tier <= tier else replace(hit, tier=tier, context=context)


def _eased(meaning: Meaning, part: str) -> str:
    return next((cue for cue in meaning.eased_by if CUES[cue].search(part)), "")
