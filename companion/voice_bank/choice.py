"""Which line stands behind a message, or none.

Deterministic: the same message gets the same line. Never raises: what is wrong is
logged once and told to whoever asks for the site's health.
"""

import logging
from collections.abc import Collection

import numpy as np
from django.conf import settings

from companion import in_use
from companion.personas import all_personas
from companion.voice_bank.bank import Bank, bank

# docs/voice.md tells how these were found: below them a line is worse than none
NEAR = {"en": 0.78, "zh-hans": 0.7}
LONGEST = 300  # characters that are compared
log = logging.getLogger(__name__)
_trouble: dict[str, str] = {}


def line_for(*, slug: str, language: str, said: str, tried: Collection[str]) -> str:
    """The reply to the nearest wording, or nothing where none is near. `tried` is what
    was answered to this message before: who asks again wants another one."""
    try:
        if not is_wanted():
            return ""
        return _nearest(bank(slug, language), NEAR[language], said[:LONGEST], tried)
    except Exception as problem:  # whatever it is, the turn goes on without a line
        _note(f"{slug} {language}", problem)
        return ""


def ready() -> None:
    """Read every bank, and the encoder with the first."""
    for who in all_personas().values():
        for language in who.voices:
            line_for(slug=who.slug, language=language, said="-", tried=())


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


def _nearest(known: Bank, near: float, said: str, tried: Collection[str]) -> str:
    alike = known.alike(said)
    for place in map(int, np.argsort(-alike, kind="stable")):
        if alike[place] < near:
            break
        if known.wordings[place].reply not in tried:
            return known.wordings[place].reply
    return ""


def _note(name: str, problem: Exception) -> None:
    if name not in _trouble:
        log.warning("no voice bank for %s: %s", name, type(problem).__name__)
        _trouble[name] = type(problem).__name__
