"""Where people are told: written here by those above, read by the ladder.

Only confirmed routes are ever returned; the address opens when a notice is sent.
"""

from datetime import time
from uuid import UUID

from django.db.models import QuerySet

from safety.models import OwnerKind, Route, RouteState
from vault import audit

SAFETY = "safety"
PROVIDER = UUID(int=1)  # owns the routes of whoever answers for the service


def for_subject(*, subject: UUID) -> list[Route]:
    """Of the contacts somebody chose, in their order; then by that of the channels."""
    rows = _confirmed(OwnerKind.CONTACT).filter(subject=subject)
    return list(rows.order_by("contact_kind", "place", "owner", "position"))


def for_operator(*, operator: UUID) -> list[Route]:
    return list(_confirmed(OwnerKind.OPERATOR).filter(owner=operator))


def operators() -> list[UUID]:
    """Every operator who can be told."""
    owners = _confirmed(OwnerKind.OPERATOR).values_list("owner", flat=True)
    return list(dict.fromkeys(owners))


def of_owner(*, owner_kind: OwnerKind, owner: UUID) -> list[Route]:
    """Every route that has not been stopped."""
    rows = Route.objects.filter(owner_kind=owner_kind, owner=owner)
    return list(rows.exclude(state=RouteState.STOPPED).order_by("position"))


def provider() -> list[Route]:
    rows = _confirmed(OwnerKind.PROVIDER).filter(subject=None)
    return list(rows)


def change_hours(
    *,
    owner_kind: OwnerKind,
    owner: UUID,
    quiet: tuple[time, time] | None,
    time_zone: str,
    actor: str,
) -> None:
    """Quiet hours of every way of one owner, where they live."""
    for route in of_owner(owner_kind=owner_kind, owner=owner):
        route.quiet_from, route.quiet_until = quiet or (None, None)
        route.time_zone = time_zone
        route.save(update_fields=["quiet_from", "quiet_until", "time_zone"])
        _record(route, "changed", actor)


def put_first(*, route: Route, actor: str) -> None:
    """Tried before the owner's other ways, which keep their order."""
    known = of_owner(owner_kind=OwnerKind(route.owner_kind), owner=route.owner)
    others = [one for one in known if one.pk != route.pk]
    for position, one in enumerate([route, *others]):
        Route.objects.filter(pk=one.pk).update(position=position)
    _record(route, "put_first", actor)


def confirm_route(*, route: Route, language: str, actor: str) -> None:
    """It reaches its owner, who reads `language`: it is used from now on."""
    route.state, route.language = RouteState.CONFIRMED, language
    route.save(update_fields=["state", "language"])
    _record(route, "confirmed", actor)


def write_route(
    *,
    owner_kind: OwnerKind,
    owner: UUID,
    channel: str,
    address: str,
    name: str,
    language: str,
    subject: UUID | None = None,
    contact_kind: str = "",
    time_zone: str = "UTC",
    quiet: tuple[time, time] | None = None,
    position: int = 0,
    place: int = 0,
    state: RouteState = RouteState.UNCONFIRMED,
    actor: str = SAFETY,
) -> Route:
    """`name` is whom a notice by this route speaks of: the person, as a contact knows
    them. `quiet` holds back what is not urgent, in the time zone of the owner."""
    route = Route(
        owner_kind=owner_kind,
        owner=owner,
        subject=subject,
        contact_kind=contact_kind,
        channel=channel,
        language=language,
        time_zone=time_zone,
        quiet_from=quiet[0] if quiet else None,
        quiet_until=quiet[1] if quiet else None,
        position=position,
        place=place,
        state=state,
    )
    route.seal_address(address=address, name=name)
    route.save(force_insert=True)
    _record(route, "written", actor)
    return route


def stop_route(*, route: Route, actor: str = SAFETY) -> None:
    """Nothing is sent there any more, and the address is forgotten. Whom the notices
    speak of stays: their pages are open for a day."""
    route.state = RouteState.STOPPED
    route.seal_address(address="", name=route.name)
    route.save(update_fields=["state", "address_sealed", "name_sealed"])
    _record(route, "stopped", actor)


def _confirmed(owner_kind: OwnerKind) -> QuerySet[Route]:
    return Route.objects.filter(
        owner_kind=owner_kind, state=RouteState.CONFIRMED
    ).order_by("position")


def _record(route: Route, act: str, actor: str) -> None:
    audit.record(
        chain=route.subject or route.owner,
        act=f"route.{act}",
        actor=actor,
        facts={"route": str(route.id), "channel": route.channel},
    )
