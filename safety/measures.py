"""How long people in danger had to wait, from the rows alone: to a claim, to a human
word, to the first notice at its gateway, to an acknowledgement.

Every incident that missed a goal is named. Nothing here knows a person.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from safety.models import DeliveryState, Incident, IncidentKind, Severity
from safety.policy import POLICY

ORDER = ("first_word", "claim", "first_reply", "first_notice", "acknowledged")
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Value:
    """Of one incident. `seconds` is None when it has not happened."""

    incident: UUID
    at: datetime
    seconds: float | None
    missed: bool

    @property
    def code(self) -> str:
        return self.incident.hex[:8].upper()


@dataclass(frozen=True, slots=True)
class Measure:
    """`goal` in seconds stands in the policy."""

    id: str
    goal: float
    values: tuple[Value, ...]

    @property
    def seconds(self) -> list[float]:
        return sorted(v.seconds for v in self.values if v.seconds is not None)

    @property
    def misses(self) -> list[Value]:
        return [value for value in self.values if value.missed]

    def quantile(self, part: float) -> float | None:
        """By nearest rank: a value that really was. None without any."""
        found = self.seconds
        return found[max(0, ceil(part * len(found)) - 1)] if found else None


def made(id: str, waits: Iterable[tuple[UUID, datetime, datetime | None]],
         now: datetime) -> Measure:  # fmt: skip
    """From (incident, since when, until when). What still waits within the goal is
    neither good nor bad, and left out."""
    goal = getattr(POLICY.goals, id)
    values = (_value(*wait, goal, now) for wait in waits)
    return Measure(id, goal, tuple(value for value in values if value is not None))


def rows(*, since: datetime, kind: IncidentKind) -> QuerySet[Incident]:
    """Those in which somebody should have come."""
    return Incident.objects.filter(
        kind=kind, opened_at__gte=since, severity__gte=Severity.HIGH
    ).order_by("opened_at")


def all_of(found: QuerySet[Incident], now: datetime) -> list[Measure]:
    """Those that safety knows by itself."""
    told = Q(deliveries__contact__isnull=False)
    annotated = found.annotate(
        owed_at=Min("duties__due_at", filter=Q(duties__kind="notify")),
        noticed_at=Min("deliveries__sent_at", filter=told),
        acked_at=Min(
            "deliveries__acked_at",
            filter=told & Q(deliveries__state=DeliveryState.ACKED),
        ),
    )
    incidents = list(annotated)
    columns: dict[str, Callable[[Incident], tuple[datetime | None, datetime | None]]]
    columns = {
        "claim": lambda one: (one.opened_at, one.first_claimed_at),
        "first_reply": lambda one: (one.opened_at, one.first_reply_at),
        "first_notice": lambda one: (one.owed_at, one.noticed_at),  # type: ignore[attr-defined]
        "acknowledged": lambda one: (one.noticed_at, one.acked_at),  # type: ignore[attr-defined]
    }
    return [
        made(name, _waits(incidents, column), now) for name, column in columns.items()
    ]


def _waits(
    incidents: Sequence[Incident],
    column: Callable[[Incident], tuple[datetime | None, datetime | None]],
) -> Iterable[tuple[UUID, datetime, datetime | None]]:
    for one in incidents:
        since, until = column(one)
        if since is not None:
            yield one.id, since, until


def _value(
    incident: UUID, since: datetime, until: datetime | None, goal: float, now: datetime
) -> Value | None:
    if until is None:
        is_late = now - since > timedelta(seconds=goal)
        return Value(incident, since, None, True) if is_late else None
    seconds = max(0.0, (until - since).total_seconds())
    return Value(incident, since, seconds, seconds > goal)
