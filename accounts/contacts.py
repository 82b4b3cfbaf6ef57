"""The acts around those who may be told: they are asked, agree, decline, stop, or hand
the task over. Nobody is told anything before they have agreed (CN-13, CN-16).

Who holds the link acts; opening it changes nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts import contact_links, contact_mail, contact_routes
from accounts.contact_models import (
    LIVE,
    MOVES,
    Contact,
    ContactKind,
    ContactLink,
    ContactState,
    LinkPurpose,
)
from accounts.refusal import LinkEnded, Refused, TooManyInvitations
from safety.policy import POLICY
from vault import audit


def invite(*, contact: Contact, now: datetime) -> ContactLink | None:
    """Owes them the question whether they agree; earlier links end. None for somebody
    without an e-mail address: they cannot be asked and so cannot confirm."""
    if not contact.email:
        return None
    _refuse_too_many(contact, now)
    contact.links.filter(used_at=None).update(used_at=now)
    link = ContactLink.objects.create(
        contact=contact,
        purpose=LinkPurpose.INVITE,
        made_at=now,
        expires_at=now + timedelta(days=POLICY.contacts.invitation_days),
    )
    contact_mail.owe(contact, "invitation", now, link)
    return link


@transaction.atomic
def confirm(*, token: str, language: str, keep_phone: bool, now: datetime) -> Contact:
    """They agree, and read `language`. A phone number of theirs stays only when they
    say so. Whoever handed over to them is released."""
    contact = _answer(token, "confirm", now)
    contact.language, contact.confirmed_at = language, now
    if not keep_phone:
        contact.seal_phone("")
    contact.save(update_fields=["language", "confirmed_at", "phone_sealed"])
    contact_routes.open_for(contact, now)
    if contact.predecessor is not None:
        _end(contact.predecessor, "replace", now)
    link = ContactLink.objects.create(
        contact=contact, purpose=LinkPurpose.MANAGE, made_at=now
    )
    contact_mail.owe(contact, "agreed", now, link)
    contact_mail.owe(contact, "person_confirmed", now)
    return contact


@transaction.atomic
def decline(*, token: str, now: datetime) -> Contact:
    """They do not want to. Nothing is sent to them any more."""
    contact = _answer(token, "decline", now)
    contact.stopped_at = now
    contact.save(update_fields=["stopped_at"])
    contact_mail.owe(contact, "person_declined", now)
    return contact


@transaction.atomic
def stop(*, token: str, now: datetime) -> Contact:
    """They no longer want to, at any time and without a reason."""
    contact = standing(token, now)
    _move(contact, "stop", now, actor=contact_routes.actor(contact))
    contact.links.filter(used_at=None).update(used_at=now)
    contact_mail.owe(contact, "person_stopped", now)
    return contact


@transaction.atomic
def hand_over(*, token: str, name: str, email: str, now: datetime) -> Contact:
    """They propose somebody else, who is asked; until that person agrees they stay.

    Never for a guardian: rights over a child do not travel by a link.
    """
    contact = standing(token, now)
    if contact.kind != ContactKind.EMERGENCY:
        raise Refused("a guardian is not handed over by a link")
    for earlier in contact.successors.filter(state=ContactState.INVITED):
        _end(earlier, "replace", now)
    successor = Contact(
        user=contact.user,
        kind=contact.kind,
        language=contact.language,
        place=contact.place,
        predecessor=contact,
        named_at=now,
    )
    successor.seal_details(name=name, email=email, phone="", known_as=contact.known_as)
    successor.save(force_insert=True)
    _record(
        contact,
        "contact.handed_over",
        actor=contact_routes.actor(contact),
        to=successor,
    )
    invite(contact=successor, now=now)
    contact_mail.owe(contact, "person_handed_over", now)
    return successor


def standing(token: str, now: datetime) -> Contact:
    """Whose lasting link this is, locked until the end of the transaction. Raises
    `LinkEnded`."""
    contact = _locked(contact_links.find(token, LinkPurpose.MANAGE, now))
    if contact.state != ContactState.CONFIRMED:
        raise LinkEnded
    return contact


def link_for_today(*, contact: Contact, now: datetime) -> str:
    """The token of a link to the lasting page for whoever has just agreed: the one in
    their mail is still on its way."""
    day = now + timedelta(days=1)
    link = ContactLink(
        contact=contact, purpose=LinkPurpose.MANAGE, made_at=now, expires_at=day
    )
    link.save()
    return contact_links.issue(link=link, now=now)


def release(*, user: UUID, kind: ContactKind, place: int, now: datetime) -> None:
    """The person wants somebody else, or nobody, in this place: whoever was there is
    let go and, when they had agreed, told so. Inside the caller's transaction."""
    rows = Contact.objects.filter(user=user, kind=kind, place=place, state__in=LIVE)
    for contact in rows.select_for_update():
        had_agreed = contact.state == ContactState.CONFIRMED
        _end(contact, "replace", now)
        if had_agreed:
            contact_mail.owe(contact, "released", now)


def _answer(token: str, event: str, now: datetime) -> Contact:
    """Uses up the invitation. Two answers at once: the second finds it used."""
    contact = _locked(contact_links.find(token, LinkPurpose.INVITE, now))
    contact_links.find(token, LinkPurpose.INVITE, now)
    _move(contact, event, now, actor=contact_routes.actor(contact))
    contact.links.filter(used_at=None).update(used_at=now)
    return contact


def _end(contact: Contact, event: str, now: datetime) -> None:
    if (contact.state, event) in MOVES:
        _move(contact, event, now, actor=str(contact.user_id))
        contact.links.filter(used_at=None).update(used_at=now)


def _move(contact: Contact, event: str, now: datetime, *, actor: str) -> None:
    """Raises `LinkEnded` when the state has no such way out."""
    old = ContactState(contact.state)
    new = MOVES.get((old, event))
    if new is None:
        raise LinkEnded
    contact.state = new
    contact.stopped_at = None if new == ContactState.CONFIRMED else now
    contact.save(update_fields=["state", "stopped_at"])
    if old == ContactState.CONFIRMED:
        contact_routes.close(contact)
    _record(contact, f"contact.{new.value}", actor=actor)


def _locked(link: ContactLink) -> Contact:
    """The person first, then the row: the order of locks everywhere."""
    audit.lock(chain=link.contact.user_id)
    return Contact.objects.select_for_update().get(pk=link.contact_id)


def _refuse_too_many(contact: Contact, now: datetime) -> None:
    """Nobody can have strangers written to at will (T16)."""
    day_ago = now - timedelta(days=1)
    asked = ContactLink.objects.filter(
        contact__user=contact.user_id,
        purpose=LinkPurpose.INVITE,
        made_at__gt=day_ago,
    )
    if asked.count() >= POLICY.contacts.invitations_per_day:
        raise TooManyInvitations


def _record(
    contact: Contact, act: str, *, actor: str, to: Contact | None = None
) -> None:
    facts: dict[str, audit.Fact] = {"contact": str(contact.id)}
    if to is not None:
        facts["to"] = str(to.id)
    audit.record(chain=contact.user_id, act=act, actor=actor, facts=facts)
