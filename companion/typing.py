"""Whether the person is typing right now, for the console.

Kept for seconds, in the cache alone; no word of what is typed leaves the browser.
"""

from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

SECONDS = 6


def note(conversation: UUID) -> None:
    try:
        cache.set(_key(conversation), 1, timeout=SECONDS)
    except (RedisError, OSError):
        return  # a sign that nobody misses


def is_typing(conversation: UUID) -> bool:
    try:
        return cache.get(_key(conversation)) is not None
    except (RedisError, OSError):
        return False


def _key(conversation: UUID) -> str:
    return f"typing:{conversation}"
