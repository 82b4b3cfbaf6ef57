"""How it stands with the person whom somebody named: read for that somebody's pages.

Changes nothing, and shows addresses to nobody but the one who gave them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import contact_ways
from accounts.contact_models import Contact, ContactState, LinkPurpose


@dataclass(frozen=True, slots=True)
class Standing:
    """`sentence` says in words what `state` means for the person, `ways` by what they
    are told; `place` is the order in which they are told."""

    place: int
    name: str
    email: str
    phone: str
    state: ContactState
    sentence: str
    ways: str
    can_ask_again: bool


def of(contacts: QuerySet[Contact], now: datetime) -> list[Standing]:
    """In each place the one named last who was not replaced, in their order."""
    rows = contacts.exclude(state=ContactState.REPLACED).order_by("named_at")
    newest = {contact.place: contact for contact in rows}
    return [_of(newest[place], now) for place in sorted(newest)]


def _of(named: Contact, now: datetime) -> Standing:
    state = ContactState(named.state)
    return Standing(
        place=named.place,
        name=named.name,
        email=named.email,
        phone=named.phone,
        state=state,
        sentence=_sentence(named, state, now),
        ways=contact_ways.sentence(named) if state == ContactState.CONFIRMED else "",
        can_ask_again=state == ContactState.INVITED and bool(named.email),
    )


def _sentence(contact: Contact, state: ContactState, now: datetime) -> str:
    if state == ContactState.INVITED:
        return _waiting(contact, now)
    if state == ContactState.CONFIRMED and contact.confirmed_at:
        day = _day(contact.confirmed_at)
        return _("Has agreed on %(day)s to be told in an emergency.") % {"day": day}
    if state == ContactState.DECLINED:
        return _("Would rather not be told in an emergency. Please name somebody else.")
    return _("No longer is told in an emergency. Please name somebody else.")


def _waiting(contact: Contact, now: datetime) -> str:
    if not contact.email:
        return _(
            "Without an e-mail address this person cannot be asked, and is told "
            "nothing by this service. Our team may call in an emergency."
        )
    link = contact.links.filter(purpose=LinkPurpose.INVITE).order_by("made_at").last()
    if link is None or link.expires_at is None or link.expires_at <= now:
        return _("Was asked and has not answered; the invitation has ended.")
    return _(
        "Is being asked and has not answered yet. The invitation ends on %(day)s."
    ) % {"day": _day(link.expires_at)}


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at))
