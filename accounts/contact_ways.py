"""By which ways a contact is told, in which order, and when they are left to sleep:
what they set themselves behind their lasting link.

A way counts once a code that was sent there has been entered. Nobody else changes it.
"""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import contact_routes, contacts
from accounts.contact_models import Contact
from accounts.contact_routes import PHONES
from accounts.refusal import Refused
from safety import proving, routes
from safety.channels import addresses
from safety.models import Channel, OwnerKind, Route, RouteState
from safety.policy import POLICY

ENDING = 4  # characters of an address that are shown
JOINED = "\u2060"  # no line ends between the dots and them


class Kind(TextChoices):
    """What a contact can add. A number takes every gateway that the provider has."""

    PHONE = "phone", gettext_lazy("phone number")
    MAIL = "mail", gettext_lazy("another e-mail address")
    MESSENGER = "messenger", gettext_lazy("messenger, by the address of its provider")


@dataclass(frozen=True, slots=True)
class Way:
    """`shown` tells one from another and is no secret."""

    id: UUID
    label: str
    shown: str
    is_proved: bool
    can_go: bool


def of(contact: Contact) -> list[Way]:
    """In the order in which they are tried."""
    known = contact_routes.own(contact)
    return [
        Way(
            id=route.id,
            label=_label(route),
            shown=_shown(route),
            is_proved=route.state == RouteState.CONFIRMED,
            can_go=_can_go(route, known),
        )
        for route in known
    ]


def sentence(contact: Contact) -> str:
    """For the person who named them: by what, never where."""
    named = [(route, Channel(route.channel)) for route in contact_routes.own(contact)]
    return " · ".join(
        str(channel.label)
        if route.state == RouteState.CONFIRMED
        else _("%(way)s (not confirmed yet)") % {"way": channel.label}
        for route, channel in named
    )


def kinds() -> list[tuple[str, str]]:
    """Without a gateway nobody is asked for a number."""
    without = () if contact_routes.phone_channels() else (Kind.PHONE,)
    return [(kind.value, str(kind.label)) for kind in Kind if kind not in without]


@transaction.atomic
def add(*, token: str, kind: Kind, address: str, now: datetime) -> None:
    """One more way, which is sent a code. `address`: a number in E.164 form, an e-mail
    address, or the Apprise address of a provider. Raises `LinkEnded`, `Refused`,
    `addresses.Unusable` or `TooManyCodes`."""
    contact = contacts.standing(token, now)
    known, channels = contact_routes.own(contact), _channels(kind)
    if not channels or len(known) + len(channels) > POLICY.contacts.ways:
        raise Refused("no more ways")
    if any(route.address == address for route in known):
        raise Refused("known already")
    if kind == Kind.MESSENGER:
        _check_messenger(address)
    actor = contact_routes.actor(contact)
    written = [
        contact_routes.write(contact, channel, address, len(known) + more, actor=actor)
        for more, channel in enumerate(channels)
    ]
    proving.ask(route=written[0], now=now)


@transaction.atomic
def prove(*, token: str, route: UUID, code: str, now: datetime) -> bool:
    """The code that was sent there: right or not. A number is proved for texts and for
    calls at once. Raises `LinkEnded` or `Refused`."""
    contact = contacts.standing(token, now)
    row = _waiting(contact, route)
    if not proving.answer(route=row, code=code, now=now):
        return False
    for one in contact_routes.own(contact):
        if one.address == row.address:
            contact_routes.confirm(contact, one)
    if row.channel in PHONES:
        _keep_phone(contact, row.address)
    return True


@transaction.atomic
def ask_again(*, token: str, route: UUID, now: datetime) -> None:
    """Another code. Raises `LinkEnded`, `Refused` or `TooManyCodes`."""
    contact = contacts.standing(token, now)
    proving.ask(route=_waiting(contact, route), now=now)


@transaction.atomic
def put_first(*, token: str, route: UUID, now: datetime) -> None:
    """Raises `LinkEnded` or `Refused`."""
    contact = contacts.standing(token, now)
    row, actor = _own(contact, route), contact_routes.actor(contact)
    routes.put_first(route=row, actor=actor)


@transaction.atomic
def remove(*, token: str, route: UUID, now: datetime) -> None:
    """Raises `LinkEnded`, or `Refused` for the last way by which they are told. A
    number that is told nothing any more is forgotten."""
    contact = contacts.standing(token, now)
    row = _own(contact, route)
    if not _can_go(row, contact_routes.own(contact)):
        raise Refused("one has to be left")
    gone = row.address
    routes.stop_route(route=row, actor=contact_routes.actor(contact))
    left = {one.address for one in contact_routes.own(contact)}
    if gone == contact.phone and gone not in left:
        _keep_phone(contact, "")


@transaction.atomic
def change_hours(
    *, token: str, quiet: tuple[time, time] | None, time_zone: str, now: datetime
) -> None:
    """When what is not urgent waits. Raises `LinkEnded`."""
    contact = contacts.standing(token, now)
    routes.change_hours(
        owner_kind=OwnerKind.CONTACT,
        owner=contact.id,
        quiet=quiet,
        time_zone=time_zone,
        actor=contact_routes.actor(contact),
    )


def _channels(kind: Kind) -> list[Channel]:
    if kind == Kind.PHONE:
        return contact_routes.phone_channels()
    return [Channel.MAIL if kind == Kind.MAIL else Channel.APPRISE]


def _check_messenger(address: str) -> None:
    """A stranger with a link has this site write to no host of their choice."""
    if addresses.check(address).own_host:
        raise addresses.Unusable(_("Only providers with a fixed address can be used."))


def _own(contact: Contact, route: UUID) -> Route:
    for row in contact_routes.own(contact):
        if row.id == route:
            return row
    raise Refused("not theirs")


def _waiting(contact: Contact, route: UUID) -> Route:
    row = _own(contact, route)
    if row.state != RouteState.UNCONFIRMED:
        raise Refused("proved already")
    return row


def _can_go(route: Route, known: list[Route]) -> bool:
    others = (one for one in known if one.pk != route.pk)
    return any(one.state == RouteState.CONFIRMED for one in others)


def _keep_phone(contact: Contact, number: str) -> None:
    contact.seal_phone(number)
    contact.save(update_fields=["phone_sealed"])


def _label(route: Route) -> str:
    scheme = addresses.schemes().get(route.address.partition("://")[0])
    return scheme.name if scheme else str(Channel(route.channel).label)


def _shown(route: Route) -> str:
    """Enough of the address to tell one from another."""
    is_mail = route.channel == Channel.MAIL
    return route.address if is_mail else f"…{JOINED}{route.address[-ENDING:]}"
