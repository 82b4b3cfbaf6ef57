"""How often a person may send: windows in the shared cache, each begun by a message.

Danger and leaving never pass through here. A cache that is away limits nobody.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from companion.refusal import Refused


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` in each window of `seconds`."""

    name: str
    limit: int
    seconds: int


MESSAGES = (Rate("burst", 5, 5), Rate("messages", 20, 60))
FRAMES = (Rate("frames", 60, 60),)
SIGNS = (Rate("signs", 120, 60),)  # typing and reading: many, and each costs little


def check(user_id: UUID, rates: tuple[Rate, ...]) -> None:
    """Count one; raises `Refused("rate_limited")` with the seconds to wait."""
    now = timezone.now().timestamp()
    for rate in rates:
        count, ends = _count(f"rate:{rate.name}:{user_id}", rate, now)
        if count > rate.limit:
            raise Refused("rate_limited", retry_after=max(ends - now, 1.0))


def begin_anew(user_id: UUID) -> None:
    """Every window ends now: in a story, time has passed."""
    for rate in (*MESSAGES, *FRAMES):
        cache.delete(f"rate:{rate.name}:{user_id}:ends")


def _count(key: str, rate: Rate, now: float) -> tuple[int, float]:
    """How many in this window, and when it ends. It begins with its first message."""
    begun = f"{key}:ends"
    try:
        if cache.add(begun, now + rate.seconds, timeout=rate.seconds):
            cache.set(key, 0, timeout=rate.seconds * 2)
        return int(cache.incr(key)), float(cache.get(begun, now))
    except (RedisError, OSError, ValueError):
        return 0, now
