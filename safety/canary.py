"""A made-up cry for help that goes the whole way every minute: detection, incident,
duty, outbox, a channel that reaches nobody. Who listens for it hears when any part of
the way is broken.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from safety import clock, duties, gate, incidents, routes
from safety.models import (
    Delivery,
    DeliveryState,
    Incident,
    IncidentKind,
    IncidentState,
    OwnerKind,
    Route,
    RouteState,
)
from safety.models.people import Channel
from safety.rules import rule_set
from safety.verdict import AgeBand, Speaker, Subject, Tier, Verdict

NOBODY = Subject(UUID(int=0xCA), AgeBand.ADULT, "", "en", "UTC")
KEPT = timedelta(days=1)


class Deaf(Exception):
    """Detection no longer hears the plainest sentence of its own rules."""


def start() -> Incident:
    """Begins one, and ends the one before, whatever became of it. Raises `Deaf`."""
    verdict = heard()
    with transaction.atomic():
        _prepare_route()
        now = clock.now()
        _end_all(now)
        incident = incidents.signal(
            subject=NOBODY,
            verdict=verdict,
            message=uuid4(),
            conversation=None,
            now=now,
            kind=IncidentKind.CANARY,
        )
    assert incident  # noqa: S101 - the gravest tier always opens one
    return incident


def has_arrived(incident: Incident) -> bool:
    sent = Delivery.objects.filter(incident=incident, state=DeliveryState.SENT)
    return sent.exists()


def heard() -> Verdict:
    """What the gate says to the plainest sentence of its rules. Raises `Deaf`."""
    plainest = max(rule_set().of(Speaker.USER).rules, key=lambda rule: rule.tier)
    verdict = gate.check_input(plainest.hits[0], NOBODY)
    if verdict.tier < Tier.T3:
        raise Deaf(plainest.id)
    return verdict


def _prepare_route() -> None:
    if Route.objects.filter(subject=NOBODY.id).exists():
        return
    routes.write_route(
        owner_kind=OwnerKind.CONTACT,
        owner=NOBODY.id,
        subject=NOBODY.id,
        contact_kind="emergency",
        channel=Channel.TEST,
        address="nobody",
        name="nobody",
        language="en",
        state=RouteState.CONFIRMED,
    )


def _end_all(now: datetime) -> None:
    rows = Incident.objects.filter(kind=IncidentKind.CANARY)
    for incident in rows.exclude(state=IncidentState.CLOSED):
        incident = incidents.locked(incident.pk)
        duties.cancel(incident=incident, now=now)
        incident.state, incident.closed_at = IncidentState.CLOSED, now
        incident.save(update_fields=["state", "closed_at"])
    rows.filter(state=IncidentState.CLOSED, opened_at__lt=now - KEPT).delete()
