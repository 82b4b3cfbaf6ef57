"""Writes into safety where a contact is told, once they have agreed, and takes it out
when they leave. Safety knows them by id alone.
"""

from django.conf import settings

from accounts import contact_mail
from accounts.contact_models import Contact
from safety import routes
from safety.models import Channel, OwnerKind, Route, RouteState


def open_for(contact: Contact) -> None:
    """E-mail first: that address has been proved. Then their phone, if there is a
    gateway for it."""
    for position, (channel, address) in enumerate(ways(contact)):
        write(contact, channel, address, position, RouteState.CONFIRMED)


def close(contact: Contact) -> None:
    for route in routes.of_owner(owner_kind=OwnerKind.CONTACT, owner=contact.id):
        routes.stop_route(route=route)


def ways(contact: Contact) -> list[tuple[Channel, str]]:
    """In the order in which they are tried."""
    known = [(Channel.MAIL, contact.email)]
    if settings.NOTICE_SMS_URL:
        known.append((Channel.SMS, contact.phone))
    if settings.NOTICE_VOICE_URL:
        known.append((Channel.VOICE, contact.phone))
    return [(channel, address) for channel, address in known if address]


def write(
    contact: Contact, channel: Channel, address: str, position: int, state: RouteState
) -> Route:
    """`name` is whom the notice speaks of, as this contact knows them."""
    return routes.write_route(
        owner_kind=OwnerKind.CONTACT,
        owner=contact.id,
        subject=contact.user_id,
        contact_kind=contact.kind,
        channel=channel,
        address=address,
        name=contact_mail.person_of(contact),
        language=contact.language,
        time_zone=contact.user.time_zone,
        position=position,
        place=contact.place,
        state=state,
    )
