"""Who is on duty, and the acts on the roster. Nobody is a true answer, and an empty
list says so: it is treated as a passed deadline and told honestly.

Who may plan shifts is for the caller to check; who gives one away or takes it, here.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from safety import coverage, deliveries, routes
from safety.models import OfferState, Presence, Shift, ShiftOffer, ShiftRole
from vault import audit

CHAIN = "roster"
LONGEST = timedelta(hours=24)
PRESENT = timedelta(seconds=90)


class Refused(Exception):
    """The act is not possible; nothing was changed. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def on_duty(*, now: datetime, role: str) -> list[UUID]:
    """In ring order, each once."""
    shifts = Shift.objects.filter(role=role, starts_at__lte=now, ends_at__gt=now)
    ordered = shifts.order_by("position", "starts_at")
    return list(dict.fromkeys(ordered.values_list("operator", flat=True)))


def seen(*, operator: UUID, now: datetime) -> None:
    """Their console is open."""
    Presence.objects.update_or_create(operator=operator, defaults={"seen_at": now})


def present(*, now: datetime) -> set[UUID]:
    """Whose console was open just now, on duty or not."""
    rows = Presence.objects.filter(seen_at__gt=now - PRESENT)
    return set(rows.values_list("operator", flat=True))


@transaction.atomic
def plan(
    *,
    operator: UUID,
    role: ShiftRole,
    starts_at: datetime,
    ends_at: datetime,
    by: UUID,
    now: datetime,
    position: int | None = None,
    shift: Shift | None = None,
) -> Shift:
    """A new shift, or other times for one. Without `position` it comes last in the
    ring. Raises `Refused`."""
    audit.lock(chain=CHAIN)
    check(
        operator=operator,
        role=role,
        starts_at=starts_at,
        ends_at=ends_at,
        shift=shift,
        now=now,
    )
    row = shift or Shift()
    row.operator, row.role = operator, role
    row.starts_at, row.ends_at = starts_at, ends_at
    row.position = _last(role) + 1 if position is None else position
    row.save()
    _note(row, "planned", by)
    coverage.plan_announcements(now=now)
    return row


@transaction.atomic
def remove(*, shift: Shift, by: UUID, now: datetime) -> None:
    audit.lock(chain=CHAIN)
    _note(shift, "removed", by)
    shift.delete()
    coverage.plan_announcements(now=now)


@transaction.atomic
def leave(*, operator: UUID, by: UUID, now: datetime) -> None:
    """Somebody is no operator any more: their shifts end now."""
    audit.lock(chain=CHAIN)
    mine = Shift.objects.filter(operator=operator, ends_at__gt=now)
    if not mine.exists():
        return
    mine.filter(starts_at__gte=now).delete()
    mine.update(ends_at=now)
    audit.record(chain=CHAIN, act="roster.left", actor=str(by),
                 facts={"operator": str(operator)})  # fmt: skip
    coverage.plan_announcements(now=now)


@transaction.atomic
def offer(*, shift: Shift, by: UUID, to: UUID, now: datetime) -> ShiftOffer:
    """Asks a colleague to take one's shift, and tells them; until they do, it stays
    one's own."""
    audit.lock(chain=CHAIN)
    row = Shift.objects.get(pk=shift.pk)
    if row.operator != by or to == by or row.ends_at <= now:
        raise Refused("not_yours")
    row.offers.filter(state=OfferState.OPEN).update(
        state=OfferState.WITHDRAWN, ended_at=now
    )
    made = ShiftOffer.objects.create(shift=row, by=by, to=to, made_at=now)
    _note(row, "offered", by, to=str(to))
    for route in routes.for_operator(operator=to):
        deliveries.enqueue(
            route=route,
            template="operator.swap",
            now=now,
            variables={"time": row.starts_at.isoformat()},
        )
    return made


@transaction.atomic
def take(*, offer: ShiftOffer, by: UUID, now: datetime) -> Shift:
    """The colleague says yes: the shift is theirs. Raises `Refused`."""
    audit.lock(chain=CHAIN)
    row = _open_offer(offer, by)
    shift = row.shift
    if shift.operator != row.by or shift.ends_at <= now:
        raise Refused("not_theirs")
    check(
        operator=by,
        role=shift.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        shift=shift,
        now=now,
    )
    shift.operator = by
    shift.save(update_fields=["operator"])
    _end(row, OfferState.TAKEN, now)
    _note(shift, "taken", by)
    return shift


@transaction.atomic
def decline(*, offer: ShiftOffer, by: UUID, now: datetime) -> None:
    audit.lock(chain=CHAIN)
    row = _open_offer(offer, by)
    _end(row, OfferState.DECLINED, now)
    _note(row.shift, "declined", by)


def _open_offer(offer: ShiftOffer, to: UUID) -> ShiftOffer:
    rows = ShiftOffer.objects.filter(pk=offer.pk, state=OfferState.OPEN, to=to)
    found = rows.select_related("shift").first()
    if found is None:
        raise Refused("offer_ended")
    return found


def _end(offer: ShiftOffer, state: OfferState, now: datetime) -> None:
    offer.state, offer.ended_at = state, now
    offer.save(update_fields=["state", "ended_at"])


def check(
    *,
    operator: UUID,
    role: str,
    starts_at: datetime,
    ends_at: datetime,
    shift: Shift | None,
    now: datetime,
) -> None:
    """Whether somebody can have this shift. Raises `Refused`."""
    if ends_at <= starts_at:
        raise Refused("ends_before")
    if ends_at - starts_at > LONGEST:
        raise Refused("too_long")
    if ends_at <= now:
        raise Refused("past")
    others = Shift.objects.exclude(pk=shift.pk) if shift else Shift.objects
    if others.filter(
        operator=operator, role=role, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exists():
        raise Refused("twice")


def _last(role: str) -> int:
    last = Shift.objects.filter(role=role).aggregate(last=Max("position"))["last"]
    return -1 if last is None else last


def _note(shift: Shift, act: str, by: UUID, **facts: str) -> None:
    audit.record(
        chain=CHAIN,
        act=f"shift.{act}",
        actor=str(by),
        facts={
            "shift": str(shift.pk),
            "operator": str(shift.operator),
            "role": shift.role,
            "starts_at": shift.starts_at.isoformat(),
            "ends_at": shift.ends_at.isoformat(),
            **facts,
        },
    )
