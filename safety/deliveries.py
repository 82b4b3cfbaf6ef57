"""The outbox: notices as rows, each with one key, the id of the row. Written in the
transaction of what they are about, answered by the button, taken back while nobody has
begun to send them (`safety.sending`). Rows hold no address and no words.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safety import crash, kick, links, notices, quiet
from safety.links import NoSuchLink, ack_token
from safety.models import (
    AckToken,
    Delivery,
    DeliveryState,
    Duty,
    DutyState,
    Incident,
    IncidentKind,
    Route,
    Severity,
)
from safety.policy import POLICY
from vault import audit

__all__ = [
    "NoSuchLink",
    "ack_token",
    "acknowledge",
    "cancel",
    "chain",
    "enqueue",
    "note",
]
STOPPED_BY_AN_ANSWER = ["notify"]


def enqueue(
    *,
    route: Route,
    template: str,
    now: datetime,
    incident: Incident | None = None,
    duty: Duty | None = None,
    variables: Mapping[str, str] | None = None,
) -> Delivery:
    """A notice by one route, inside the caller's transaction. `variables` take the
    place of code and time, which follow from the incident otherwise."""
    words = notices.get(template, route.language)
    due = _not_too_often(route, incident, now)
    delivery = Delivery.objects.create(
        incident=incident,
        duty=duty,
        subject=incident.subject if incident else route.subject,
        contact=route.owner if words.to == notices.CONTACT else None,
        route=route,
        channel=route.channel,
        template=template,
        template_version=words.version,
        language=route.language,
        variables=_variables(incident, now) | dict(variables or {}),
        due_at=due if words.urgent else quiet.after(route=route, at=due),
        created_at=now,
    )
    AckToken.objects.create(
        delivery=delivery,
        token_hash=links.hashed(ack_token(delivery)),
        expires_at=now + timedelta(hours=POLICY.notice.ack_hours),
    )
    note(delivery, "enqueued", template=template)
    kick.on_commit()
    return delivery


@transaction.atomic
def acknowledge(*, token: str, now: datetime) -> Delivery:
    """Somebody pressed the button: notices that have not begun are not sent. Twice is
    harmless. Raises `NoSuchLink`."""
    found = links.find(token=token, now=now)
    delivery = Delivery.objects.select_related("incident").get(pk=found.delivery_id)
    audit.lock(chain=chain(delivery))
    if not AckToken.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
        return delivery
    delivery.state, delivery.acked_at = DeliveryState.ACKED, now
    delivery.save(update_fields=["state", "acked_at"])
    note(delivery, "acknowledged")
    if delivery.incident and delivery.contact:
        _stop(delivery.incident, now)
    crash.point("ack.written")
    return delivery


def cancel(*, incident: Incident, contacts: bool, kind: str = "") -> int:
    """What was not begun, to contacts (of a kind) or to operators and the provider."""
    waiting = incident.deliveries.filter(
        state=DeliveryState.PENDING, contact__isnull=not contacts
    )
    if kind:
        waiting = waiting.filter(route__contact_kind=kind)
    stopped = waiting.update(state=DeliveryState.CANCELLED)
    if stopped and incident.kind != IncidentKind.CANARY:
        audit.record(
            chain=incident.subject,
            act="notice.cancelled",
            actor="safety",
            facts={"incident": str(incident.id), "count": stopped},
        )
    return stopped


def _stop(incident: Incident, now: datetime) -> None:
    waiting = incident.duties.filter(
        state=DutyState.WAITING, kind__in=STOPPED_BY_AN_ANSWER
    )
    waiting.update(state=DutyState.CANCELLED, ended_at=now)
    cancel(incident=incident, contacts=True)


def _not_too_often(route: Route, incident: Incident | None, now: datetime) -> datetime:
    """One a minute by one route; the first of a grave incident go at once."""
    notice = POLICY.notice
    grave = incident is not None and incident.severity >= Severity.HIGH
    if grave and (
        Delivery.objects.filter(incident=incident, route=route).count()
        < notice.unthrottled
    ):
        return now
    pause = timedelta(seconds=notice.throttle)
    recent = Delivery.objects.filter(
        ~Q(state=DeliveryState.CANCELLED), route=route, due_at__gt=now - pause
    )
    last = recent.order_by("-due_at").values_list("due_at", flat=True).first()
    return last + pause if last else now


def _variables(incident: Incident | None, now: datetime) -> dict[str, str]:
    """What a row may hold of a text; names, links and numbers join when it is sent."""
    return {"code": incident.code if incident else "", "time": now.isoformat()}


def note(delivery: Delivery, act: str, **facts: str | int) -> None:
    if delivery.incident and delivery.incident.kind == IncidentKind.CANARY:
        return
    told = {"delivery": str(delivery.id), "channel": delivery.channel, **facts}
    audit.record(chain=chain(delivery), act=f"notice.{act}", actor="safety", facts=told)


def chain(delivery: Delivery) -> UUID | str:
    return delivery.subject or "safety"
