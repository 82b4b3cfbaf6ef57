"""Writes into safety where a contact is told, once they have agreed, and takes it out
when they leave. Safety knows them by id alone.

Nothing but a code goes by a way that has not been proved.
"""

from datetime import datetime, time

from django.conf import settings

from accounts import contact_mail
from accounts.contact_models import Contact
from safety import proving, routes
from safety.models import Channel, OwnerKind, Route, RouteState
from safety.policy import POLICY

PHONES = (Channel.SMS, Channel.VOICE)


def open_for(contact: Contact, now: datetime) -> None:
    """E-mail first: the invitation has proved that address. A phone number of theirs is
    sent a code, if there is a gateway for it."""
    known = {(route.channel, route.address): route for route in own(contact)}
    for position, (channel, address) in enumerate(ways(contact)):
        route = known.get((channel, address)) or write(
            contact, channel, address, position, actor=actor(contact)
        )
        if channel == Channel.MAIL:
            confirm(contact, route)
    asked = next((one for one in own(contact) if one.channel in PHONES), None)
    if asked is not None:
        proving.ask(route=asked, now=now)


def close(contact: Contact) -> None:
    for route in own(contact):
        routes.stop_route(route=route)


def own(contact: Contact) -> list[Route]:
    """In the order in which they are tried, those not yet proved among them."""
    return routes.of_owner(owner_kind=OwnerKind.CONTACT, owner=contact.id)


def ways(contact: Contact) -> list[tuple[Channel, str]]:
    """In the order in which they are tried."""
    known = [(Channel.MAIL, contact.email)]
    known += [(channel, contact.phone) for channel in phone_channels()]
    return [(channel, address) for channel, address in known if address]


def phone_channels() -> list[Channel]:
    """Those for which the provider has a gateway."""
    gateways = {
        Channel.SMS: settings.NOTICE_SMS_URL,
        Channel.VOICE: settings.NOTICE_VOICE_URL,
    }
    return [channel for channel in PHONES if gateways[channel]]


def write(
    contact: Contact,
    channel: Channel,
    address: str,
    position: int,
    *,
    actor: str = routes.SAFETY,
) -> Route:
    """`name` is whom the notice speaks of, as this contact knows them. Quiet hours are
    those of the contact's other ways."""
    quiet, time_zone = hours(contact)
    return routes.write_route(
        owner_kind=OwnerKind.CONTACT,
        owner=contact.id,
        subject=contact.user_id,
        contact_kind=contact.kind,
        channel=channel,
        address=address,
        name=contact_mail.person_of(contact),
        language=contact.language,
        time_zone=time_zone,
        quiet=quiet,
        position=position,
        place=contact.place,
        state=RouteState.UNCONFIRMED,
        actor=actor,
    )


def confirm(contact: Contact, route: Route) -> None:
    routes.confirm_route(route=route, language=contact.language, actor=actor(contact))


def hours(contact: Contact) -> tuple[tuple[time, time] | None, str]:
    """Quiet from when until when, in which time zone. Until the contact has said so,
    the nights where the person lives."""
    known = own(contact)
    if not known:
        usual = POLICY.contacts
        return (usual.quiet_from, usual.quiet_until), contact.user.time_zone
    begin, end = known[0].quiet_from, known[0].quiet_until
    return (begin, end) if begin and end else None, known[0].time_zone


def actor(contact: Contact) -> str:
    return f"contact:{contact.id}"
