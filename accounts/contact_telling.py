"""What an operator may do around contacts while holding a case: write once to somebody
who has not agreed yet (T16); and what was sent to the contacts of a person.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import contact_routes
from accounts.contact_models import Contact, ContactState
from accounts.models import User
from accounts.refusal import Refused
from safety import deliveries, incidents, telling, told
from safety.incidents import NotHolder
from safety.models import Delivery, IncidentState
from vault import audit

APPROVED = "contact.approved"


class Why(TextChoices):
    """An operator's reason, as a code: what people wrote stays out of the chain."""

    MEANS = "means", _("a plan or means were named")
    SILENT = "silent", _("the person no longer answers")
    NOBODY = "nobody", _("nobody else can be reached")


class Withheld(TextChoices):
    """Why the person is not told that somebody is told, until the case is closed."""

    READS = "reads", _("somebody who is dangerous to the person may read along")
    WORSE = "worse", _("hearing of it now could put the person in more danger")


@dataclass(frozen=True, slots=True)
class Word:
    """One notice to a contact of a person, without any content. `name` is the
    contact's, as the person gave it."""

    at: datetime
    name: str
    kind: str
    channel: str
    state: str
    sent_at: datetime | None
    acked_at: datetime | None


def words_to_contacts(user: User) -> list[Word]:
    """For the person's own feed: who was told when, newest first (CN-16)."""
    names = {contact.id: contact for contact in user.contacts.all()}
    return [
        Word(
            at=notice.at,
            name=names[notice.contact].name if notice.contact in names else "",
            kind=notice.kind,
            channel=notice.channel,
            state=notice.state,
            sent_at=notice.sent_at,
            acked_at=notice.acked_at,
        )
        for notice in told.to_contacts(subject=user.id)
    ]


def unconfirmed(subject: UUID) -> list[Contact]:
    """Who was named and has not answered: an operator may write to each once."""
    return list(
        Contact.objects.filter(user=subject, state=ContactState.INVITED).order_by(
            "named_at"
        )
    )


@transaction.atomic
def tell_unconfirmed(
    *,
    contact: UUID,
    incident: UUID,
    operator: UUID,
    reason: Why,
    now: datetime,
    withheld: Withheld | None = None,
) -> Delivery:
    """One notice to somebody who has not agreed, decided by whoever holds the case and
    noted with the reason; the person hears of it unless it is `withheld`. Raises
    `NotHolder`, or `Refused` for a second one."""
    found = incidents.locked(incident)
    if found.state != IncidentState.HUMAN or found.claimed_by != operator:
        raise NotHolder(str(incident))
    row = Contact.objects.select_for_update().select_related("user").get(pk=contact)
    if row.user_id != found.subject or row.state != ContactState.INVITED:
        raise Refused("only somebody named who has not answered")
    if Delivery.objects.filter(contact=row.id, template=APPROVED).exists():
        raise Refused("they were written to once already")
    ways = contact_routes.ways(row)
    if not ways:
        raise Refused("there is no address to write to")
    channel, address = ways[0]
    route = contact_routes.write(row, channel, address, 0)
    facts: dict[str, audit.Fact] = {
        "contact": str(row.id),
        "incident": str(found.id),
        "reason": Why(reason).value,
    }
    if withheld:
        facts["withheld"] = withheld.value
    else:
        telling.tell_person(incident=found, contact=row.id, now=now)
    audit.record(
        chain=row.user_id,
        act="contact.told_unconfirmed",
        actor=str(operator),
        facts=facts,
    )
    return deliveries.enqueue(route=route, template=APPROVED, incident=found, now=now)
