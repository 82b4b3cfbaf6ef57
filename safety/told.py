"""What was sent to the contacts of a person: kinds, channels and times, never words or
addresses. Changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safety.models import Delivery, DeliveryState, Incident
from vault.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` is the id of the text, `state` a `DeliveryState`."""

    at: datetime
    incident: UUID | None
    contact: UUID
    kind: str
    channel: str
    state: DeliveryState
    sent_at: datetime | None
    acked_at: datetime | None


def to_contacts(*, subject: UUID) -> list[Notice]:
    """Newest first. What was cancelled before it left is left out: nobody was told."""
    rows = Delivery.objects.filter(subject=subject, contact__isnull=False)
    rows = rows.exclude(state=DeliveryState.CANCELLED).order_by("-created_at")
    return [_notice(row) for row in rows]


def kept_from_person(*, incident: Incident) -> set[UUID]:
    """Which of its notices to contacts an operator keeps from the person until the end,
    by their ids."""
    if incident.closed_at is not None:
        return set()
    entries = AuditEntry.objects.filter(
        chain=str(incident.subject),
        facts__incident=str(incident.id),
        facts__has_key="withheld",
    )
    once = {entry.facts.get("contact") for entry in entries}
    rows = incident.deliveries.filter(contact__isnull=False).select_related("duty")
    return {
        row.id
        for row in rows
        if (row.duty and "withheld" in row.duty.facts)
        or (not row.duty and str(row.contact) in once)
    }


def _notice(row: Delivery) -> Notice:
    assert row.contact is not None  # noqa: S101 - asked for above
    return Notice(
        at=row.created_at,
        incident=row.incident_id,
        contact=row.contact,
        kind=row.template,
        channel=row.channel,
        state=DeliveryState(row.state),
        sent_at=row.sent_at,
        acked_at=row.acked_at,
    )
