"""An operator takes an incident, keeps it by a lease, and gives it up with a reason.

Two people never hold one: the taking happens under the person's lock, and who finds it
taken goes on to the next. Who may be an operator is for the caller to check.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safety import crash, deliveries, duties, routes, telling
from safety.incidents.moves import Event, locked, may, move, note
from safety.models import Duty, DutyState, Incident, IncidentKind, IncidentState

ASKING = ["offer", "deadline", "all_hands"]
HANDED_BACK = "handed_back"
REACHED, NO_ANSWER = "reached", "no_answer"  # what came of a call
PASSED_ON = {
    IncidentKind.REAL: "operator.passed_on",
    IncidentKind.DRILL: "operator.drill_passed_on",
}


class NotHolder(Exception):
    """Somebody else holds the incident, or nobody."""


def claim(
    *, operator: UUID, now: datetime, incident: UUID | None = None
) -> Incident | None:
    """The gravest and then oldest that nobody holds, or the one that is named. None
    when there is none to take."""
    for candidate in [incident] if incident else _waiting():
        with transaction.atomic():
            found = locked(candidate)
            if _is_held_by(found, operator):
                return found
            if may(found, Event.CLAIM):
                _take(found, operator, now)
                return found
    return None


def renew(*, incident: UUID, operator: UUID, now: datetime) -> datetime:
    """The console is open: the lease runs on. Raises `NotHolder`."""
    rows = Incident.objects.filter(
        pk=incident, state=IncidentState.HUMAN, claimed_by=operator
    )
    seconds = rows.values_list("policy__lease", flat=True).first()
    until = now + timedelta(seconds=seconds or 0)
    if not rows.update(lease_until=until):
        raise NotHolder(str(incident))
    return until


@transaction.atomic
def replied(*, incident: UUID, operator: UUID, now: datetime) -> None:
    """A human has spoken; only the first time counts. Raises `NotHolder`."""
    found = held(incident, operator)
    if found.first_reply_at is None:
        found.first_reply_at = now
        found.save(update_fields=["first_reply_at"])


@transaction.atomic
def transfer(*, incident: UUID, operator: UUID, to: UUID, now: datetime) -> Incident:
    """To another operator, whose lease begins and who is told by their own routes, for
    their console may be shut. Raises `NotHolder`."""
    found = held(incident, operator)
    until = now + timedelta(seconds=found.policy["lease"])
    move(found, Event.TRANSFER, actor=str(operator), now=now,
         claimed_by=to, claimed_at=now, lease_until=until)  # fmt: skip
    template = PASSED_ON[IncidentKind(found.kind)]
    for route in routes.for_operator(operator=to):
        deliveries.enqueue(route=route, template=template, incident=found, now=now)
    return found


@transaction.atomic
def hand_back(
    *, incident: UUID, operator: UUID, reason: str, now: datetime
) -> Incident:
    """The person goes back to the companion: the danger is over, and so is the
    incident. Raises `NotHolder`."""
    return _close(held(incident, operator), HANDED_BACK, reason, now)


@transaction.atomic
def close(
    *, incident: UUID, operator: UUID, reason: str, note: str, now: datetime
) -> Incident:
    """`reason` is a code, `note` the operator's own words (sealed). Raises
    `NotHolder`."""
    return _close(held(incident, operator), reason, note, now)


@transaction.atomic
def record_call(*, incident: UUID, operator: UUID, outcome: str, now: datetime) -> int:
    """An operator telephoned. The duty to call is done when the `outcome` is REACHED:
    a telephone that rang has told nobody. Returns how many duties that were. Raises
    `NotHolder`."""
    found = held(incident, operator)
    calls = _owed_calls().filter(incident=found)
    ends = {"state": DutyState.DONE, "ended_at": now}
    done = calls.update(**ends) if outcome == REACHED else 0
    note(found, "called", actor=str(operator), outcome=outcome)
    return done


def owing_calls(rows: Iterable[Incident]) -> set[UUID]:
    """Of which no notice can tell anybody, so that a human must telephone."""
    owed = _owed_calls().filter(incident__in=[row.pk for row in rows])
    return set(owed.values_list("incident", flat=True))


def owes_call(incident: Incident) -> bool:
    return bool(owing_calls([incident]))


def _owed_calls() -> QuerySet[Duty]:
    return Duty.objects.filter(kind="manual_call", state=DutyState.WAITING)


def held(incident_id: UUID, operator: UUID) -> Incident:
    """Locked, and the operator's. Raises `NotHolder`."""
    found = locked(incident_id)
    if not _is_held_by(found, operator):
        raise NotHolder(str(incident_id))
    return found


@duties.handler("lease")
def lapse(duty: Duty, now: datetime) -> datetime | None:
    """A lease that was not renewed puts the incident back into the queue."""
    from safety.incidents.opening import offer  # noqa: PLC0415 - which holds, too

    assert duty.incident_id  # noqa: S101 - written with one
    incident = locked(duty.incident_id)
    if incident.state != IncidentState.HUMAN or incident.lease_until is None:
        return None
    if incident.lease_until > now:
        return incident.lease_until
    move(incident, Event.LAPSE, actor="safety", now=now,
         claimed_by=None, claimed_at=None, lease_until=None)  # fmt: skip
    offer(incident, now)
    return None


def _waiting() -> list[UUID]:
    rows = Incident.objects.exclude(
        state__in=[IncidentState.HUMAN, IncidentState.CLOSED]
    )
    rows = rows.exclude(kind=IncidentKind.CANARY).order_by("-severity", "opened_at")
    return list(rows.values_list("pk", flat=True)[:20])


def _is_held_by(incident: Incident, operator: UUID) -> bool:
    return incident.state == IncidentState.HUMAN and incident.claimed_by == operator


def _take(incident: Incident, operator: UUID, now: datetime) -> None:
    until = now + timedelta(seconds=incident.policy["lease"])
    first = incident.first_claimed_at or now
    move(incident, Event.CLAIM, actor=str(operator), now=now, claimed_by=operator,
         claimed_at=now, first_claimed_at=first, lease_until=until)  # fmt: skip
    duties.cancel(incident=incident, now=now, kinds=ASKING)
    deliveries.cancel(incident=incident, contacts=False)
    duties.write_next(kind="lease", due_at=until, incident=incident)
    crash.point("incident.claimed")


def _close(incident: Incident, reason: str, words: str, now: datetime) -> Incident:
    operator = incident.claimed_by
    incident.closed_by, incident.closed_reason = operator, reason
    incident.seal_note(words)
    duties.cancel(incident=incident, now=now)
    deliveries.cancel(incident=incident, contacts=True)
    deliveries.cancel(incident=incident, contacts=False)
    move(incident, Event.CLOSE, actor=str(operator), now=now, closed_at=now,
         closed_by=operator, closed_reason=reason, note_sealed=incident.note_sealed,
         lease_until=None)  # fmt: skip
    telling.end(incident=incident, now=now)
    crash.point("incident.closed")
    return incident
