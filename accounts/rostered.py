"""What operators read of the roster: names beside ids, now and the coming gaps.

Changes nothing. A team of nobody is said as plainly as one of ten.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from safety import coverage, roster
from safety.coverage import Gap
from safety.models import OfferState, Shift, ShiftOffer, ShiftRole

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OnDuty:
    name: str
    present: bool


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the roster. `gaps` are those of the coming two weeks."""

    label: str
    on_duty: list[OnDuty]
    gaps: list[Gap]


def name(user: User) -> str:
    return user.display_name or user.email


def names() -> dict[UUID, str]:
    """Of everybody who is or was an operator."""
    rows = User.objects.filter(Q(is_staff=True) | Q(groups__isnull=False)).distinct()
    return {user.id: name(user) for user in rows}


def page(user: User, now: datetime) -> dict[str, Any]:
    known = names()
    asked = ShiftOffer.objects.filter(to=user.id, state=OfferState.OPEN)
    mine = Shift.objects.filter(operator=user.id, ends_at__gt=now)
    team = {key: one for key, one in known.items() if key != user.id}
    return {
        "roles": [_role(role, known, now) for role in ShiftRole],
        "asked": [
            {"id": offer.pk, "by": known.get(offer.by, "–"), "shift": offer.shift}
            for offer in asked.select_related("shift").order_by("shift__starts_at")
            if offer.shift.ends_at > now
        ],
        "mine": mine.order_by("starts_at")[:20],
        "team": team.items(),
        "zone": user.time_zone,
        "now": now,
    }


def _role(role: ShiftRole, known: dict[UUID, str], now: datetime) -> Role:
    present = roster.present(now=now)
    return Role(
        label=str(role.label),
        on_duty=[
            OnDuty(known.get(one, "–"), one in present)
            for one in roster.on_duty(now=now, role=role)
        ],
        gaps=[g for g in coverage.gaps(now=now, role=role) if g.start < now + AHEAD],
    )
