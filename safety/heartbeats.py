"""The pulse of those who do duties, and how late the oldest duty is.

All by the database's clock. Nothing here judges: the watchdog and the health page do.
"""

from datetime import datetime, timedelta

from django.db.models import Max, Min

from safety import clock
from safety.models import Delivery, DeliveryState, Duty, DutyState, Heartbeat

CELERY, WATCHDOG = "celery", "watchdog"
KEPT = timedelta(hours=1)


def beat(*, kind: str, process: str) -> None:
    now = clock.now()
    Heartbeat.objects.update_or_create(
        kind=kind,
        process=process,
        defaults={"at": now, "lag_ms": int(lateness(now).total_seconds() * 1000)},
    )
    Heartbeat.objects.filter(kind=kind, at__lt=now - KEPT).delete()


def age(kind: str, now: datetime) -> timedelta | None:
    """Of the newest; None when there never was one."""
    newest = Heartbeat.objects.filter(kind=kind).aggregate(at=Max("at"))["at"]
    return now - newest if newest else None


def lateness(now: datetime) -> timedelta:
    """How long the oldest due duty or delivery has been waiting."""
    duties = Duty.objects.filter(state=DutyState.WAITING)
    outbox = Delivery.objects.filter(state=DeliveryState.PENDING)
    oldest = [rows.aggregate(due=Min("due_at"))["due"] for rows in (duties, outbox)]
    waits = [now - due for due in oldest if due and due < now]
    return max(waits, default=timedelta(0))
