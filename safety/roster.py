"""Who is on duty. Nobody is a true answer, and an empty list says so."""

from datetime import datetime
from uuid import UUID

from safety.models import Shift


def on_duty(*, now: datetime, role: str) -> list[UUID]:
    """In ring order, each once."""
    shifts = Shift.objects.filter(role=role, starts_at__lte=now, ends_at__gt=now)
    ordered = shifts.order_by("position", "starts_at")
    return list(dict.fromkeys(ordered.values_list("operator", flat=True)))
