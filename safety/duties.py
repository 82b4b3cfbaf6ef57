"""Duties: every future obligation is a row, and whoever runs this function does what
is due: Celery, the watchdog, or the web process while the broker is away.

A duty is claimed in one transaction and done in the next, together with everything its
handler writes. A process that dies in between leaves a claim that is free at once; one
that was only stopped finds its fence changed and writes nothing. A duty that fails
`TRIES` times is parked, and somebody is told. Handlers write rows: none of them may
send anything or wait for anything but the database.

Lock order, everywhere: conversation, then the person (`audit.lock`), then rows.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from safety import clock, crash, kick, leases
from safety.leases import Claims, Lost
from safety.models import Duty, DutyState, Incident
from vault import audit

TRIES = 5
RETRY = timedelta(seconds=2)  # doubled with each try
CLAIMS = Claims(ready=DutyState.WAITING, taken=DutyState.WAITING)
# When a handler returns a moment the same duty waits for it; None means done.
Handler = Callable[[Duty, datetime], datetime | None]
_handlers: dict[str, Handler] = {}
log = logging.getLogger(__name__)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Registers who does duties of this kind. Apps above do so in `ready()`."""

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(kind, function) is not function:
            raise ValueError(f"duties of kind {kind} have a handler already")
        return function

    return register


def is_known(kind: str) -> bool:
    return kind in _handlers


def write(
    *,
    kind: str,
    due_at: datetime,
    incident: Incident | None = None,
    subject: UUID | None = None,
    step: int = 0,
    facts: dict[str, Any] | None = None,
) -> Duty:
    """Inside the caller's transaction. The same duty is written once."""
    subject = incident.subject if incident else subject
    duty, _ = Duty.objects.get_or_create(
        incident=incident,
        subject=subject,
        kind=kind,
        step=step,
        defaults={"due_at": due_at, "facts": facts or {}},
    )
    kick.on_commit()
    return duty


def write_next(
    *,
    kind: str,
    due_at: datetime,
    incident: Incident,
    facts: dict[str, Any] | None = None,
) -> Duty:
    """One more of its kind; the caller holds the person's lock."""
    last = incident.duties.filter(kind=kind).aggregate(last=Max("step"))["last"]
    step = 0 if last is None else last + 1
    return write(kind=kind, due_at=due_at, incident=incident, step=step, facts=facts)


def hasten(*, incident: Incident, kind: str, now: datetime) -> None:
    """What waits for later is due now."""
    waiting = incident.duties.filter(kind=kind, state=DutyState.WAITING)
    if waiting.filter(due_at__gt=now).update(due_at=now):
        kick.on_commit()


def cancel(*, incident: Incident, now: datetime, kinds: list[str] | None = None) -> int:
    """Without `kinds`: every one. A handler at work finds its fence changed."""
    waiting = incident.duties.filter(state=DutyState.WAITING)
    if kinds is not None:
        waiting = waiting.filter(kind__in=kinds)
    return waiting.update(state=DutyState.CANCELLED, ended_at=now)


def run_due(
    *,
    limit: int = 50,
    now: datetime | None = None,
    overdue: timedelta = timedelta(0),
) -> int:
    """Does what is due, the gravest first. Without `now` by the database's clock."""
    for done in range(limit):
        duty = leases.claim(Duty, CLAIMS, now=now, overdue=overdue)
        if duty is None:
            return done
        crash.point("duty.claimed")
        _do(duty, now or clock.now())
    return limit


def _do(duty: Duty, now: datetime) -> None:
    if duty.attempts > TRIES:  # each try so far ended its process
        return _put_off(duty, now)
    try:
        with transaction.atomic():
            again = _handlers[duty.kind](duty, now)
            crash.point("duty.handled")
            _end(duty, again, now)
        crash.point("duty.done")
    except Lost:
        log.info("duty %s %s was done by another", duty.kind, duty.id)
    except Exception as broken:
        # The text may stand in the exception: only its kind is logged.
        log.error("duty %s %s: %s", duty.kind, duty.id, type(broken).__name__)
        _put_off(duty, now)


def _end(duty: Duty, again: datetime | None, now: datetime) -> None:
    if again is None:
        leases.move(duty, CLAIMS, state=DutyState.DONE, ended_at=now)
    else:
        leases.move(duty, CLAIMS, due_at=again, attempts=0)


def _put_off(duty: Duty, now: datetime) -> None:
    """A broken duty waits a little longer each time, then for a human."""
    try:
        if duty.attempts < TRIES:
            leases.move(duty, CLAIMS, due_at=now + RETRY * 2 ** (duty.attempts - 1))
        else:
            park(duty, now)
    except Lost:
        log.info("duty %s %s was done by another", duty.kind, duty.id)


def park(duty: Duty, now: datetime) -> None:
    from safety import ladder  # noqa: PLC0415 - the ladder's steps are duties

    with transaction.atomic():
        chain = duty.subject or "safety"
        audit.lock(chain=chain)
        leases.move(duty, CLAIMS, state=DutyState.PARKED, ended_at=now)
        audit.record(
            chain=chain,
            act="duty.parked",
            actor="safety",
            facts={"duty": str(duty.id), "kind": duty.kind, "step": duty.step},
        )
        ladder.tell_provider(template="alarm.parked", duty=duty, now=now)
