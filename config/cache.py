"""The shared cache, and a small one of this process for when the shared one is away.

Valkey may be lost at any time: limits are then counted for each process alone, and
nobody is kept from signing in. Holds nothing that may not be lost.
"""

import logging
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class SturdyCache(RedisCache):
    """Django's Redis cache; every operation falls back to the process's own."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("while-away", {})

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("set", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("incr", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("delete", *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("has_key", *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("get_many", *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("set_many", *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._sturdy("delete_many", *args, **kwargs)

    def _sturdy(self, name: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(*args, **kwargs)
        except (RedisError, OSError):
            log.warning("the shared cache is away")
            return getattr(self._own, name)(*args, **kwargs)
