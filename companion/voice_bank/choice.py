"""Which line stands behind a message, or none.

Deterministic: the same message gets the same line in the same chat. Never raises: what
is wrong is logged once and told to whoever asks for the site's health.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from companion import in_use
from companion.personas import all_personas
from companion.voice_bank.bank import Bank, bank
from companion.voice_bank.kinds import (
    LONGEST,
    coefficients,
    likely,
    named,
    question,
)
from companion.voice_bank.lines import lines, pick
from safety.heads.encoder import Vectors

# docs/voice.md tells how these were found: below them a line is worse than none
NEAR = {"en": 0.78, "zh-hans": 0.74}
# What the right kind is worth in likeness, but for questions, which want their own
# answer; and how likely the kind of a wording must be.
WORTH, UNLIKELY = 0.08, 0.1
log = logging.getLogger(__name__)
_trouble: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Opening:
    """The first message of a chat with a persona. `tried` is what was answered to it
    before: who asks again wants something else. `fixed` is the only right line."""

    slug: str
    language: str
    chat: str
    said: str
    tried: Collection[str] = ()
    fixed: str = ""


def line_for(to: Opening) -> str:
    """The reply to the nearest wording, or nothing where none is near."""
    try:
        if not is_wanted():
            return ""
        if to.fixed:
            return to.fixed
        known = bank(to.slug, to.language)
        return _nearest(known, known.alike(to.said[:LONGEST]), to)
    except Exception as problem:  # whatever it is, the turn goes on without a line
        _note(f"{to.slug} {to.language}", problem)
        return ""


def line_of_kind(to: Opening, scores: Sequence[float]) -> str:
    """By how the chat model scores its next word behind the message: the reply to what
    is near and of a likely kind, else a line for everything of a kind that is sure,
    else nothing."""
    try:
        found = likely(to.said, scores)
        known = bank(to.slug, to.language)
        if reply := _nearest(known, _fits(known, to, found), to):
            return reply
        kind = named(found, question(), coefficients().limits)
        every = lines(to.slug, to.language).get(kind, [])
        return pick([one for one in every if one not in to.tried], to.chat, to.said)
    except Exception as problem:  # whatever it is, the turn goes on with what is near
        _note(f"{to.slug} {to.language} lines", problem)
        return line_for(to)


def readable() -> str:
    """The name of the only model whose scores say what a message is about; none where
    the coefficients are broken."""
    try:
        return coefficients().model
    except Exception as problem:  # without it chats go on with the bank alone
        _note("kinds", problem)
        return ""


def ready() -> None:
    """Read every bank and every persona's lines, and the encoder with the first."""
    if not is_wanted():
        return
    for who in all_personas().values():
        for language in who.voices:
            line_for(Opening(who.slug, language, "", "-"))
            _read_lines(who.slug, language)
    readable()


def trouble() -> tuple[str, ...]:
    """Why some messages got no line since this process began; empty is well."""
    return tuple(f"no voice bank: {name} ({why})" for name, why in _trouble.items())


def is_wanted() -> bool:
    """VOICE_BANK says on or off; else the record of the model in the catalogue. A model
    without a record speaks for itself."""
    if settings.VOICE_BANK != "auto":
        return bool(settings.VOICE_BANK == "on")
    known = in_use.model()
    return known is not None and known.voice_bank


def _fits(known: Bank, to: Opening, found: Vectors) -> Vectors:
    """How near each wording is, the better the more likely its kind."""
    asked = question()
    of_wording = found[[asked.kinds.index(one.kind) for one in known.wordings]]
    asks = np.array([one.kind in asked.asks for one in known.wordings])
    fits = known.alike(to.said[:LONGEST]) + WORTH * of_wording * ~asks
    return np.where(of_wording < UNLIKELY, -1.0, fits)


def _nearest(known: Bank, fits: Vectors, to: Opening) -> str:
    for place in map(int, np.argsort(-fits, kind="stable")):
        if fits[place] < NEAR[to.language]:
            break
        if known.wordings[place].reply not in to.tried:
            return known.wordings[place].reply
    return ""


def _read_lines(slug: str, language: str) -> None:
    try:
        lines(slug, language)
    except Exception as problem:  # told now, not in somebody's first message
        _note(f"{slug} {language} lines", problem)


def _note(name: str, problem: Exception) -> None:
    if name not in _trouble:
        log.warning("no voice bank for %s: %s", name, type(problem).__name__)
        _trouble[name] = type(problem).__name__
