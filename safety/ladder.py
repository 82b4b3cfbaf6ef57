"""The steps that ask for a human: responders, supervisor, everybody.

Each step is a duty, so that no step is forgotten when its process dies. Nobody on duty
counts as a passed deadline: the next step is due at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from safety import crash, deliveries, duties, roster, routes, telling
from safety.incidents.moves import Event, locked, may, move
from safety.models import Duty, Incident, IncidentKind, IncidentState, ShiftRole


@duties.handler("offer")
def offer(duty: Duty, now: datetime) -> None:
    incident = _of(duty)
    if incident.state == IncidentState.OPEN:
        move(incident, Event.OFFER, actor="safety", now=now, offered_at=now)
    if incident.state != IncidentState.OFFERED:
        return
    asked = roster.on_duty(now=now, role=ShiftRole.RESPONDER)
    _tell(asked, "operator.offer", incident=incident, duty=duty, now=now)
    if not asked:
        duties.hasten(incident=incident, kind="deadline", now=now)


@duties.handler("deadline")
def deadline(duty: Duty, now: datetime) -> None:
    incident = _of(duty)
    if not may(incident, Event.UNANSWERED):
        return
    move(incident, Event.UNANSWERED, actor="safety", now=now)
    crash.point("ladder.advanced")
    asked = roster.on_duty(now=now, role=ShiftRole.SUPERVISOR)
    _tell(asked, "operator.supervisor", incident=incident, duty=duty, now=now)
    if not asked:
        duties.hasten(incident=incident, kind="all_hands", now=now)
    if telling.is_certain(incident):
        telling.begin(incident=incident, now=now)


@duties.handler("all_hands")
def all_hands(duty: Duty, now: datetime) -> None:
    """Everybody and the provider, again and again until somebody comes."""
    incident = _of(duty)
    if may(incident, Event.EXHAUSTED):
        move(incident, Event.EXHAUSTED, actor="safety", now=now)
    if incident.state != IncidentState.ALL_HANDS:
        return
    _tell(
        routes.operators(), "operator.all_hands", incident=incident, duty=duty, now=now
    )
    tell_provider(template="operator.all_hands", duty=duty, now=now, incident=incident)
    again = now + timedelta(seconds=incident.policy["again"])
    duties.write_next(kind="all_hands", due_at=again, incident=incident)


@duties.handler("manual_call")
def manual_call(duty: Duty, now: datetime) -> datetime | None:
    """Nobody could be reached by a notice: a human must telephone. Never closes by
    itself; reminds until an operator has recorded the call."""
    incident = _of(duty)
    if incident.state == IncidentState.CLOSED:
        return None
    if incident.state != IncidentState.HUMAN:
        asked = roster.on_duty(now=now, role=ShiftRole.SUPERVISOR) or routes.operators()
        _tell(asked, "operator.call", incident=incident, duty=duty, now=now)
        tell_provider(template="operator.call", duty=duty, now=now, incident=incident)
    return now + timedelta(seconds=incident.policy["again"])


def tell_provider(
    *, template: str, duty: Duty, now: datetime, incident: Incident | None = None
) -> None:
    for route in routes.provider():
        deliveries.enqueue(
            route=route,
            template=_words(template, incident),
            incident=incident,
            duty=duty,
            now=now,
        )


def _tell(
    operators: Iterable[UUID],
    template: str,
    *,
    incident: Incident,
    duty: Duty,
    now: datetime,
) -> None:
    for operator in operators:
        for route in routes.for_operator(operator=operator):
            deliveries.enqueue(
                route=route,
                template=_words(template, incident),
                incident=incident,
                duty=duty,
                now=now,
            )


def _words(template: str, incident: Incident | None) -> str:
    """Nobody takes a drill for earnest."""
    is_drill = incident is not None and incident.kind == IncidentKind.DRILL
    return "operator.drill" if is_drill else template


def _of(duty: Duty) -> Incident:
    assert duty.incident_id  # noqa: S101 - these kinds are written with one
    return locked(duty.incident_id)
