"""Who outside was told of one case, as its operator sees it, and that somebody must be
telephoned. Changes nothing; no address stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact, ContactState
from companion.case_file import opened
from safety import incidents, telling
from safety.models import Channel, Delivery, DeliveryState, Incident, IncidentKind
from safety.told import kept_from_person

SENT: dict[str, Promise] = {
    DeliveryState.PENDING: gettext_lazy("on its way"),
    DeliveryState.SENDING: gettext_lazy("on its way"),
    DeliveryState.SENT: gettext_lazy("arrived at the provider"),
    DeliveryState.ACKED: gettext_lazy("confirmed by the person who was told"),
    DeliveryState.DEAD: gettext_lazy("could not be delivered"),
    DeliveryState.CANCELLED: gettext_lazy("no longer needed"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to somebody outside, as the operator sees it. `is_withheld` from the
    person, until the end."""

    at: datetime
    name: str
    channel: str
    state: str
    is_acknowledged: bool
    is_withheld: bool


def shown(case: Incident) -> dict[str, Any]:
    """What the part of the page about people outside is made of."""
    return {"told": told(case), "owes_call": incidents.owes_call(case)}


def may_begin(case: Incident) -> bool:
    """Whether somebody has agreed to be told, and nobody is being told yet."""
    agreed = Contact.objects.filter(user=case.subject, state=ContactState.CONFIRMED)
    return agreed.exists() and not telling.has_begun(case)


def told(case: Incident) -> list[Told]:
    rows = case.deliveries.filter(contact__isnull=False).order_by("created_at")
    kept = kept_from_person(incident=case)
    return [
        Told(
            at=row.sent_at or row.created_at,
            name=_contact_name(row, case),
            channel=channel_words(row.channel),
            state=str(SENT[row.state]),
            is_acknowledged=row.acked_at is not None,
            is_withheld=row.id in kept,
        )
        for row in rows
    ]


def channel_words(channel: str) -> str:
    return str(Channel(channel).label) if channel in Channel.values else channel


def _contact_name(row: Delivery, case: Incident) -> str:
    if case.kind == IncidentKind.DRILL:
        return _("Test contact")
    found = Contact.objects.filter(pk=row.contact).first() if row.contact else None
    return opened(lambda: found.name) if found else ""
