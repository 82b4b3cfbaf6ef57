"""How often a person may send: fixed windows in the shared cache.

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


def check(user_id: UUID, rates: tuple[Rate, ...]) -> None:
    """Count one; raises `Refused("rate_limited")` with the seconds to wait."""
    now = timezone.now().timestamp()
    for rate in rates:
        if _count(user_id, rate, int(now // rate.seconds)) > rate.limit:
            raise Refused("rate_limited", retry_after=rate.seconds - now % rate.seconds)


def _count(user_id: UUID, rate: Rate, window: int) -> int:
    key = f"rate:{rate.name}:{user_id}:{window}"
    try:
        cache.add(key, 0, timeout=rate.seconds * 2)
        return int(cache.incr(key))
    except (RedisError, OSError, ValueError):
        return 0
