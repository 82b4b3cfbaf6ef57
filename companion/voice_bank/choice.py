"""Which line stands behind a message, or none.

Deterministic: the same message in the same place of a chat gets the same line. Never
raises: what is wrong is logged once and told to whoever asks for the site's health.
"""

import logging
import re
from collections.abc import Collection

import numpy as np
from django.conf import settings

from companion.engine import catalogue
from companion.engine.addresses import addresses, is_here
from companion.engine.catalogue import Entry
from companion.personas import all_personas
from companion.voice_bank.bank import Bank, bank

# docs/voice.md tells how these were found
NEAR = {"en": 0.64, "zh-hans": 0.7}
PART = 0.08  # one clause of a message has to be nearer by this
NEAR_LATER = 0.78  # in a chat that goes on, a message may lean on what was said before
ANSWER = 6  # and what is shorter answers a question; a Chinese character counts three
CLAUSE = 10  # shorter ones say too little
LONGEST = 300  # characters that are compared
CUT = re.compile(r"[,.;:!?，。；：！？、…]+\s*|\s(?:and|but|because|so)\s")
log = logging.getLogger(__name__)
_trouble: dict[str, str] = {}


def line_for(*, slug: str, language: str, said: str, told: Collection[str]) -> str:
    """The reply to the nearest wording, or nothing where none is near. `told` is what
    the persona said in this chat so far: nothing is said twice."""
    try:
        if not is_wanted() or (told and _size(said) < ANSWER):
            return ""
        return _nearest(bank(slug, language), NEAR[language], said[:LONGEST], told)
    except Exception as problem:  # whatever it is, the turn goes on without a line
        _note(f"{slug} {language}", problem)
        return ""


def ready() -> None:
    """Read every bank, and the encoder with the first."""
    for who in all_personas().values():
        for language in who.voices:
            line_for(slug=who.slug, language=language, said="-", told=())


def trouble() -> tuple[str, ...]:
    """Why some messages got no line since this process began; empty is well."""
    return tuple(f"no voice bank: {name} ({why})" for name, why in _trouble.items())


def is_wanted() -> bool:
    """VOICE_BANK says on or off; else the record of the model in the catalogue. A model
    without a record speaks for itself."""
    if settings.VOICE_BANK != "auto":
        return bool(settings.VOICE_BANK == "on")
    known = _model()
    return known is not None and known.voice_bank


def _model() -> Entry | None:
    """What the engine runs, as far as this process can know."""
    if named := settings.ENGINE_MODEL:
        return next((one for one in catalogue.entries() if one.is_called(named)), None)
    if not all(map(is_here, addresses(settings.ENGINE_URL))):
        return None
    return catalogue.known_file(catalogue.wanted_model())


def _nearest(known: Bank, near: float, said: str, told: Collection[str]) -> str:
    parts = _parts(said)
    alike = known.alike(parts)
    floors = np.full(len(parts), max(near + PART, NEAR_LATER if told else 0))
    floors[0] = NEAR_LATER if told else near
    alike[alike < floors[:, None]] = 0
    for likeness in (alike[:1].max(axis=0), alike.max(axis=0)):  # the whole first
        for place in map(int, np.argsort(-likeness, kind="stable")):
            if not likeness[place]:
                break
            found = known.wordings[place]
            if found.reply not in told and not (told and found.only_first):
                return found.reply
    return ""


def _parts(said: str) -> list[str]:
    """The whole, then its clauses."""
    clauses = [one.strip() for one in CUT.split(said) if _size(one) >= CLAUSE]
    return [said, *(one for one in clauses if one != said)]


def _size(said: str) -> int:
    return sum(1 if c.isascii() else 3 for c in said if c.isalpha())


def _note(name: str, problem: Exception) -> None:
    if name not in _trouble:
        log.warning("no voice bank for %s: %s", name, type(problem).__name__)
        _trouble[name] = type(problem).__name__
