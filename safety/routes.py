"""Where people are told: written here by those above, read by the ladder.

Only confirmed routes are ever returned; the address opens when a notice is sent.
"""

from uuid import UUID

from django.db.models import QuerySet

from safety.models import OwnerKind, Route, RouteState
from vault import audit


def for_subject(*, subject: UUID) -> list[Route]:
    """Of the contacts somebody chose: by contact, then by the order of channels."""
    rows = _confirmed(OwnerKind.CONTACT).filter(subject=subject)
    return list(rows.order_by("contact_kind", "owner", "position"))


def for_operator(*, operator: UUID) -> list[Route]:
    return list(_confirmed(OwnerKind.OPERATOR).filter(owner=operator))


def operators() -> list[UUID]:
    """Every operator who can be told."""
    owners = _confirmed(OwnerKind.OPERATOR).values_list("owner", flat=True)
    return list(dict.fromkeys(owners))


def provider() -> list[Route]:
    rows = _confirmed(OwnerKind.PROVIDER).filter(subject=None)
    return list(rows)


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
    position: int = 0,
    state: RouteState = RouteState.UNCONFIRMED,
) -> Route:
    route = Route(
        owner_kind=owner_kind,
        owner=owner,
        subject=subject,
        contact_kind=contact_kind,
        channel=channel,
        language=language,
        position=position,
        state=state,
    )
    route.seal_address(address=address, name=name)
    route.save(force_insert=True)
    _record(route, "written")
    return route


def stop_route(*, route: Route) -> None:
    route.state = RouteState.STOPPED
    route.save(update_fields=["state"])
    _record(route, "stopped")


def _confirmed(owner_kind: OwnerKind) -> QuerySet[Route]:
    return Route.objects.filter(
        owner_kind=owner_kind, state=RouteState.CONFIRMED
    ).order_by("position")


def _record(route: Route, act: str) -> None:
    audit.record(
        chain=route.subject or route.owner,
        act=f"route.{act}",
        actor="safety",
        facts={"route": str(route.id), "channel": route.channel},
    )
