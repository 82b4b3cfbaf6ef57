"""Minutes of use: a bit for each minute of a local day in which a person wrote.

Pure but for `note`, which sets one bit in the message's transaction. What is counted
is when somebody wrote, never what.
"""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from safety.models import Activity
from safety.policy import POLICY
from safety.verdict import Subject

MINUTES = 1_440


def note(*, subject: Subject, now: datetime) -> bool:
    """Note that the person wrote. True when this minute was not noted before."""
    local = now.astimezone(ZoneInfo(subject.time_zone))
    minute = local.hour * 60 + local.minute
    row, _ = Activity.objects.select_for_update().get_or_create(
        subject=subject.id, day=local.date()
    )
    bits = int.from_bytes(row.minutes, "big")
    if bits >> minute & 1:
        return False
    row.minutes = (bits | 1 << minute).to_bytes(len(row.minutes), "big")
    row.save(update_fields=["minutes"])
    return True


def written(row: Activity) -> list[int]:
    """The minutes of the day in which the person wrote, in order."""
    bits = int.from_bytes(row.minutes, "big")
    return [minute for minute in range(MINUTES) if bits >> minute & 1]


def used(minutes: list[int]) -> set[int]:
    """The minutes of use: those of messages, and short gaps between them."""
    found = set(minutes)
    for before, after in pairwise(minutes):
        if after - before <= POLICY.usage.gap_minutes:
            found.update(range(before, after))
    return found


def at_night(minutes: set[int]) -> int:
    """How many of them are at night."""
    usage = POLICY.usage
    return sum(
        1
        for minute in minutes
        if minute >= usage.night_from * 60 or minute < usage.night_until * 60
    )
