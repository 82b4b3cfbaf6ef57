"""Quiet hours of a route: when what is not urgent waits for the morning."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from safety.models import Route


def after(*, route: Route, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours it falls into, where the reader lives."""
    begin, end = route.quiet_from, route.quiet_until
    if begin is None or end is None or begin == end:
        return at
    zone = ZoneInfo(route.time_zone)
    local = at.astimezone(zone)
    hour = local.time()
    is_quiet = begin <= hour < end if begin < end else hour >= begin or hour < end
    if not is_quiet:
        return at
    ends_tomorrow = hour >= end
    day = local.date() + timedelta(days=1 if ends_tomorrow else 0)
    return datetime.combine(day, end, tzinfo=zone).astimezone(at.tzinfo)
