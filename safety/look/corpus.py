"""What the chat model is shown to learn its part from: what some head doubts, of the
banks all of it and of the rest of the heads' corpus a part.

It takes the model some 0.2 s a piece, so not everything. The same texts each time.
"""

from collections.abc import Callable, Iterator
from random import Random

import numpy as np
from numpy.typing import NDArray

from safety.heads.corpus import MOOD, Row, Source
from safety.heads.fitting import Mask
from safety.heads.material import Material
from safety.verdict import Label, Speaker

Wanted = Callable[[Row], bool]
ALL = 1_000_000
DOUBTFUL_LESSONS = 700  # of lessons and public texts; of the others all
NEAR = {Label.SELF_HARM, Label.DISTRESS}


def _of(source: Source, *, positive: bool | None = None, label: str = "") -> Wanted:
    return lambda row: (
        row.source is source
        and positive in {None, row.is_positive}
        and label in {"", row.label}
    )


# How many of which, in this order; nothing twice
MOST: dict[Speaker, tuple[tuple[int, Wanted], ...]] = {
    Speaker.USER: (
        (ALL, lambda row: row.source is Source.BANK and row.label in NEAR),
        (ALL, _of(Source.BANK, positive=True)),
        (1000, _of(Source.BANK)),
        (ALL, _of(Source.LESSON, positive=True, label=Label.SELF_HARM)),
        (1000, _of(Source.LESSON, label=Label.SELF_HARM)),
        (500, _of(Source.VEILED)),
        (400, _of(Source.LESSON, label=Label.DISTRESS)),
        (900, _of(Source.LESSON, positive=True)),
        (500, _of(Source.LESSON)),
        (400, lambda row: row.label == MOOD),
        (800, _of(Source.LIFE)),
        (400, _of(Source.CHAT)),
        (400, _of(Source.TALK)),
        (200, _of(Source.FORUM)),
    ),
    Speaker.MODEL: (
        (ALL, _of(Source.BANK)),
        (900, _of(Source.LESSON, positive=True)),
        (600, _of(Source.LESSON)),
        (300, _of(Source.CHAT)),
        (200, _of(Source.TALK)),
    ),
}


def chosen(speaker: Speaker, known: Material, doubted: Mask) -> NDArray[np.intp]:
    """The places of the pieces to show, each once, of those that some head doubts: the
    others are never looked at."""
    rows = np.unique(known.of_row[doubted]).tolist()
    wanted = {*_by_kind(speaker, known), *_harmless(speaker, known, rows)}
    seen: dict[str, int] = {}
    for place in np.flatnonzero(doubted).tolist():
        if int(known.of_row[place]) in wanted:
            seen.setdefault(known.parts[place], place)
    return np.array(sorted(seen.values()), dtype=np.intp)


def _by_kind(speaker: Speaker, known: Material) -> Iterator[int]:
    dice, taken = Random(3), set[int]()  # noqa: S311 - the same choice each time
    for most, wanted in MOST[speaker]:
        found = [
            number
            for number, row in enumerate(known.rows)
            if row.speaker is speaker and wanted(row) and number not in taken
        ]
        dice.shuffle(found)
        taken.update(found[:most])
    yield from taken


def _harmless(speaker: Speaker, known: Material, rows: list[int]) -> Iterator[int]:
    """All of them, but of lessons and public texts."""
    found = [
        number
        for number in rows
        if known.rows[number].speaker is speaker and not known.rows[number].is_positive
    ]
    many = {Source.LESSON, Source.PUBLIC}
    yield from (n for n in found if known.rows[n].source not in many)
    rest = [n for n in found if known.rows[n].source in many]
    Random(4).shuffle(rest)  # noqa: S311 - as above
    yield from rest[:DOUBTFUL_LESSONS]
