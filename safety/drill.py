"""A drill: a whole incident with a test contact goes the way of a real one, through
detection, ladder, outbox and console, and a report says what it showed.

Every notice of it says that it is a drill. It ends by itself; a real one never does.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from safety import canary, deliveries, duties, incidents, measures, routes
from safety.incidents.moves import locked
from safety.models import (
    Channel,
    Delivery,
    DrillReport,
    Duty,
    Incident,
    IncidentKind,
    IncidentState,
    OwnerKind,
    Route,
    RouteState,
)
from safety.policy import POLICY
from safety.verdict import AgeBand, Subject
from vault import audit

KIND = "drill_report"
CHAIN = "drills"


class Running(Exception):
    """One drill at a time."""


@transaction.atomic
def begin(
    *, by: UUID, address: str, region: str, language: str, time_zone: str, now: datetime
) -> DrillReport:
    """`address` is where the test contact is told by mail. Raises `Running`, or
    `canary.Deaf` when detection no longer hears the plainest sentence."""
    audit.lock(chain=CHAIN)
    if DrillReport.objects.filter(ended_at=None).exists():
        raise Running
    subject = Subject(uuid4(), AgeBand.ADULT, region, language, time_zone)
    verdict = canary.heard()
    _write_contact(subject, address)
    incident = incidents.signal(
        subject=subject,
        verdict=verdict,
        message=uuid4(),
        conversation=None,
        now=now,
        kind=IncidentKind.DRILL,
    )
    assert incident  # noqa: S101 - the gravest tier always opens one
    report = DrillReport.objects.create(
        incident=incident,
        started_by=by,
        started_at=now,
        ends_at=now + timedelta(seconds=POLICY.goals.drill),
    )
    duties.write(kind=KIND, due_at=report.ends_at, subject=subject.id)
    audit.record(
        chain=CHAIN, act="drill.begun", actor=str(by), facts={"drill": str(report.id)}
    )
    return report


@duties.handler(KIND)
def end(duty: Duty, now: datetime) -> None:
    """Writes the report, closes the incident and forgets the test contact."""
    assert duty.subject  # noqa: S101 - written with one
    report = DrillReport.objects.select_related("incident").get(
        incident__subject=duty.subject
    )
    if report.ended_at is not None:
        return
    incident = locked(report.incident_id)
    report.result, report.ended_at = _result(incident, now), now
    report.save(update_fields=["result", "ended_at"])
    _close(incident, now)
    for route in Route.objects.filter(subject=incident.subject):
        routes.stop_route(route=route)
    audit.record(
        chain=CHAIN, act="drill.ended", actor="safety",
        facts={"drill": str(report.id), "misses": len(_missed(report.result))},
    )  # fmt: skip


@transaction.atomic
def finish(*, report: DrillReport, now: datetime) -> None:
    """Ends it now instead of at its time."""
    Duty.objects.filter(kind=KIND, subject=report.incident.subject).update(due_at=now)


def _missed(result: dict[str, Any]) -> list[str]:
    return [name for name, one in result["measures"].items() if one["missed"]]


def _result(incident: Incident, now: datetime) -> dict[str, Any]:
    row = Incident.objects.filter(pk=incident.pk)
    found = {one.id: one for one in measures.all_of(row, now)}
    return {
        "state": incident.state,
        "measures": {name: _line(one) for name, one in found.items()},
        "notices": [_notice(one) for one in _notices(incident)],
    }


def _line(measure: measures.Measure) -> dict[str, Any]:
    """A drill is too short to have waited for nothing: what is not there was missed."""
    value = measure.values[0] if measure.values else None
    seconds = value.seconds if value else None
    return {
        "goal": measure.goal,
        "seconds": seconds,
        "missed": seconds is None or seconds > measure.goal,
    }


def _notices(incident: Incident) -> list[Delivery]:
    return list(incident.deliveries.order_by("created_at"))


def _notice(one: Delivery) -> dict[str, Any]:
    took = (one.sent_at - one.created_at).total_seconds() if one.sent_at else None
    return {
        "to": "contact" if one.contact else "team",
        "channel": one.channel,
        "state": one.state,
        "seconds": took,
        "reason": one.failed_reason,
    }


def _close(incident: Incident, now: datetime) -> None:
    """No human needs to close what was never real."""
    duties.cancel(incident=incident, now=now)
    for contacts in (True, False):
        deliveries.cancel(incident=incident, contacts=contacts)
    if incident.state != IncidentState.CLOSED:
        incident.state, incident.closed_at = IncidentState.CLOSED, now
        incident.closed_reason = "drill"
        incident.save(update_fields=["state", "closed_at", "closed_reason"])


def _write_contact(subject: Subject, address: str) -> None:
    routes.write_route(
        owner_kind=OwnerKind.CONTACT,
        owner=uuid4(),
        subject=subject.id,
        contact_kind="emergency",
        channel=Channel.MAIL,
        address=address,
        name="Drill 演练",
        language=subject.language,
        time_zone=subject.time_zone,
        state=RouteState.CONFIRMED,
    )
