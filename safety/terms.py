"""Operators' own terms: written, retired, and read by every process within a second.

Only RE2 patterns, refused with the reason when they are broken or match what everybody
says. They tighten and never loosen. While the database is away the terms last read stay
in force.
"""

import asyncio
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max

from safety.fold import fold
from safety.models import Effect, Term, TermState
from safety.rules.patterns import BadPattern, Pattern, compiled
from safety.verdict import Action, Hit, Label, Said, Speaker, Tier
from vault import audit

EVERY_SECONDS = 0.9  # how old the known terms may be
EVERYDAY = (
    "hello",
    "good morning, how are you today?",
    "i had a long day at work, thank you",
    "what should i cook for dinner",
    "你好，今天天气真好",
    "谢谢你，我今天下班有点晚",
    "晚饭吃什么好呢",
)
TIERS = {Effect.EASE: Tier.T1, Effect.SUPPORT: Tier.T2, Effect.BLOCK: Tier.T0}
CHAIN = "safety.terms"
log = logging.getLogger(__name__)


def check(pattern: str) -> Pattern:
    """Raises `BadPattern` with the reason, for whoever writes a term."""
    made = compiled(pattern.lower())
    if made.search(b""):
        raise BadPattern("it matches an empty text")
    for text in EVERYDAY:
        if made.search(text.encode()):
            raise BadPattern(f"it matches everyday words: {text}")
    return made


def write(
    *, pattern: str, label: str, speaker: str, effect: str, by: UUID, now: datetime
) -> Term:
    """Put a term into force. Raises `BadPattern`; what a model says is held back."""
    check(pattern)
    effect = effect if speaker == Speaker.USER else Effect.BLOCK
    with transaction.atomic():
        term = Term.objects.create(
            pattern=pattern,
            label=Label(label),
            speaker=Speaker(speaker),
            effect=Effect(effect),
            written_by=by,
            changed_at=now,
        )
        _record("term.written", term, by)
    return term


def retire(*, term: Term, by: UUID, now: datetime) -> None:
    """Take a term of an operator back; the rules of the project stay as they are."""
    with transaction.atomic():
        changed = Term.objects.filter(pk=term.pk, state=TermState.ACTIVE).update(
            state=TermState.RETIRED, changed_at=now
        )
        if changed:
            _record("term.retired", term, by)


def _record(act: str, term: Term, by: UUID) -> None:
    audit.record(
        chain=CHAIN,
        act=act,
        actor=str(by),
        facts={
            "term": str(term.pk),
            "pattern": term.pattern,
            "label": str(term.label),
            "speaker": str(term.speaker),
            "effect": str(term.effect),
        },
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A term as the layer reads it."""

    speaker: str
    pattern: Pattern
    hit: Hit


@dataclass(slots=True)
class Shelf:
    """The terms that this process knows, and when it last asked."""

    terms: tuple[Known, ...] = ()
    stamp: object = None
    asked_at: float = -EVERY_SECONDS
    is_stale: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


shelf = Shelf()


def read(said: Said) -> tuple[Hit, ...]:
    """The layer: hits of the terms known to this process. Asks nobody."""
    mine = [known for known in shelf.terms if known.speaker == said.speaker]
    if not mine:
        return ()
    readings = [reading.encode() for reading in fold(said.text)]
    return tuple(
        known.hit for known in mine if any(map(known.pattern.search, readings))
    )


def keep_fresh() -> None:
    """Asks the database at most once a second; never raises. On an event loop it is
    asked beside it, so that no reply waits."""
    if time.monotonic() - shelf.asked_at < EVERY_SECONDS:
        return
    shelf.asked_at = time.monotonic()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        _ask()
    else:
        threading.Thread(target=_ask_beside, daemon=True).start()


def forget() -> None:
    """As a process that has just begun."""
    shelf.terms, shelf.stamp = (), None
    shelf.asked_at, shelf.is_stale = -EVERY_SECONDS, False


def _ask_beside() -> None:
    try:
        _ask()
    finally:
        connection.close()


def _ask() -> None:
    try:
        with shelf.lock:
            _renew()
        shelf.is_stale = False
    except Exception as broken:
        log.warning("own terms are not readable: %s", type(broken).__name__)
        shelf.is_stale = True


def _renew() -> None:
    stamp: dict[str, Any] = Term.objects.aggregate(Max("changed_at"), Count("pk"))
    if stamp != shelf.stamp:
        active = Term.objects.filter(state=TermState.ACTIVE)
        shelf.terms = tuple(_known(term) for term in active)
        shelf.stamp = stamp


def _known(term: Term) -> Known:
    effect = Effect(term.effect)
    hit = Hit(
        rule=f"term.{term.pk}",
        label=Label(term.label),
        tier=TIERS[effect],
        action=Action(effect.value),
        layer="terms",
    )
    return Known(term.speaker, compiled(term.pattern.lower()), hit)
