"""When nobody will be on duty, and who is told of it a day and an hour ahead.

Each announcement is a duty; a change of the roster writes them anew. One that was made
is not made again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from safety import deliveries, duties, routes
from safety.models import Duty, DutyState, Shift, ShiftRole

KIND = "roster_gap"
LEADS = (timedelta(hours=24), timedelta(hours=1))
TEMPLATES = ("operator.gap", "operator.gap_soon")
ROLES = (ShiftRole.RESPONDER, ShiftRole.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Gap:
    """`end` is None when nothing is planned after it."""

    role: ShiftRole
    start: datetime
    end: datetime | None


def gaps(*, now: datetime, role: ShiftRole) -> list[Gap]:
    """From now on; the last one is open. One that has begun starts where the last shift
    ended. Gaps shorter than a minute are none."""
    return [gap for gap in _gaps(now, role) if _counts(gap)]


def plan_announcements(*, now: datetime) -> None:
    """Inside the caller's transaction, after every change of the roster."""
    wanted = {
        _step(gap, lead): (gap, lead)
        for role in ROLES
        if Shift.objects.filter(role=role).exists()
        for gap in gaps(now=now, role=role)
        for lead in _leads(gap, now)
    }
    waiting = Duty.objects.filter(kind=KIND, state=DutyState.WAITING)
    waiting.exclude(step__in=wanted).delete()
    for step, (gap, lead) in wanted.items():
        start = gap.start.isoformat()
        duties.write(
            kind=KIND,
            step=step,
            due_at=max(now, gap.start - LEADS[lead]),
            facts={"role": gap.role.value, "start": start, "lead": lead},
        )


@duties.handler(KIND)
def announce(duty: Duty, now: datetime) -> None:
    """To every operator who can be told, and an hour ahead to the provider too."""
    lead = int(duty.facts["lead"])
    told = [r for o in routes.operators() for r in routes.for_operator(operator=o)]
    if lead == len(LEADS) - 1:
        told += routes.provider()
    for route in told:
        deliveries.enqueue(
            route=route,
            template=TEMPLATES[lead],
            duty=duty,
            now=now,
            variables={"time": duty.facts["start"], "code": duty.facts["role"]},
        )


def _gaps(now: datetime, role: ShiftRole) -> Iterator[Gap]:
    ended = Shift.objects.filter(role=role, ends_at__lte=now)
    covered = ended.aggregate(last=Max("ends_at"))["last"] or now
    rows = Shift.objects.filter(role=role, ends_at__gt=now).order_by("starts_at")
    for begins, ends in rows.values_list("starts_at", "ends_at"):
        if begins > max(covered, now):
            yield Gap(role, covered, begins)
        covered = max(covered, ends)
    yield Gap(role, covered, None)


def _leads(gap: Gap, now: datetime) -> list[int]:
    """One that has begun is said once. Before the first shift ever nothing is said:
    somebody is about to plan."""
    if gap.start == now:
        return []
    return [1] if gap.start < now else [0, 1]


def _counts(gap: Gap) -> bool:
    return gap.end is None or gap.end - gap.start >= timedelta(minutes=1)


def _step(gap: Gap, lead: int) -> int:
    """One number for each minute, role and lead, so that none is said twice."""
    minutes = int(gap.start.astimezone(UTC).timestamp()) // 60
    return (minutes * len(ROLES) + ROLES.index(gap.role)) * len(LEADS) + lead
