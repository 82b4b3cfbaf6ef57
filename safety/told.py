"""What was sent to the contacts of a person: kinds, channels and times, never words or
addresses. Changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safety.models import Delivery, DeliveryState


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
