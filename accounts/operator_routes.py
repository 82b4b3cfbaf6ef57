"""Where operators and the provider are told: their own addresses, kept sealed.

Every operator begins with a mail to the address of the account. What is added is
checked first and can be tried; one's last way stays while one is an operator.
"""

from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.refusal import Refused
from accounts.roles import Role
from safety import deliveries, roster, routes
from safety.channels import addresses
from safety.models import Channel, Delivery, OwnerKind, Route, RouteState
from vault import audit

MOST = 5
TEST = "operator.test"


def may_have(user: User) -> bool:
    return user.is_active and user.is_staff


def may_set_provider(user: User) -> bool:
    is_supervisor = user.groups.filter(name=Role.SUPERVISOR.value).exists()
    return may_have(user) and (is_supervisor or user.is_superuser)


def own(user: User) -> list[Route]:
    return routes.of_owner(owner_kind=OwnerKind.OPERATOR, owner=user.id)


def provider() -> list[Route]:
    return routes.of_owner(owner_kind=OwnerKind.PROVIDER, owner=routes.PROVIDER)


def begin(*, user: User) -> None:
    """A new operator is told by mail, until they add something faster."""
    if not own(user):
        _write(user, OwnerKind.OPERATOR, user.id, Channel.MAIL, user.email, 0)


@transaction.atomic
def follow(*, user: User, by: User, now: datetime) -> None:
    """Routes and shifts follow whether somebody is an operator."""
    if may_have(user):
        begin(user=user)
        return
    for route in own(user):
        routes.stop_route(route=route)
    roster.leave(operator=user.id, by=by.id, now=now)


@transaction.atomic
def add(
    *, by: User, kind: OwnerKind, channel: Channel, address: str,
    quiet: tuple[time, time] | None,
) -> Route:  # fmt: skip
    """One more way. Raises `addresses.Unusable` with words, or `Refused`."""
    audit.lock(chain=_owner(by, kind))
    known = _known(by, kind)
    if len(known) >= MOST:
        raise Refused("no more than five")
    if channel == Channel.APPRISE:
        addresses.check(address)
    if any(route.address == address for route in known):
        raise Refused("known already")
    return _write(by, kind, _owner(by, kind), channel, address, len(known), quiet=quiet)


@transaction.atomic
def remove(*, by: User, route: UUID) -> None:
    """Raises `Refused` for somebody else's, and for one's last."""
    row = _of(by, route)
    kind = OwnerKind(row.owner_kind)
    if kind == OwnerKind.OPERATOR and len(_known(by, kind)) == 1:
        raise Refused("the last one stays")
    routes.stop_route(route=row)


@transaction.atomic
def try_out(*, by: User, route: UUID, now: datetime) -> Delivery:
    """Sends a test by it."""
    return deliveries.enqueue(route=_of(by, route), template=TEST, now=now)


def newest_test(route: Route) -> Delivery | None:
    """How the last test of a route went."""
    return route.deliveries.filter(template=TEST).order_by("created_at").last()


def _of(by: User, route: UUID) -> Route:
    known = {row.id: row for kind in OwnerKind for row in _known(by, kind)}
    if route not in known:
        raise Refused("not yours")
    audit.lock(chain=known[route].owner)
    return known[route]


def _known(by: User, kind: OwnerKind) -> list[Route]:
    if kind == OwnerKind.OPERATOR and may_have(by):
        return own(by)
    if kind == OwnerKind.PROVIDER and may_set_provider(by):
        return provider()
    return []


def _owner(by: User, kind: OwnerKind) -> UUID:
    if kind == OwnerKind.PROVIDER and may_set_provider(by):
        return routes.PROVIDER
    if kind == OwnerKind.OPERATOR and may_have(by):
        return by.id
    raise Refused("not yours")


def _write(
    by: User, kind: OwnerKind, owner: UUID, channel: Channel, address: str,
    position: int, *, quiet: tuple[time, time] | None = None,
) -> Route:  # fmt: skip
    return routes.write_route(
        owner_kind=kind,
        owner=owner,
        channel=channel,
        address=address,
        name="",
        language=by.language,
        time_zone=by.time_zone,
        quiet=quiet,
        position=position,
        state=RouteState.CONFIRMED,
    )
