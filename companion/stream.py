"""The events of a conversation on their way to its tabs: sealed, numbered, replayable.

A Redis stream per conversation holds them for a day; it may lose everything, for
what was said is in PostgreSQL. No event stands in Redis in clear.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
import redis
import redis.asyncio
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

from companion import protocol
from companion.protocol.events import Event
from vault.sealing import Place, Purpose, SealBroken, seal_bytes, unseal_bytes

START = "0-0"
KEPT_EVENTS = 2_000
KEPT_SECONDS = 86_400
STOP_SECONDS = 300
WAKE = {"type": "stream.changed"}
P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger(__name__)
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, slots=True)
class Channel:
    """Whose conversation it is; the owner's key seals every event."""

    conversation: UUID
    owner: UUID

    @property
    def key(self) -> str:
        return f"events:{self.conversation}"

    @property
    def group(self) -> str:
        return f"conversation.{self.conversation}"

    def place(self) -> Place:
        return Place(
            subject=self.owner,
            purpose=Purpose.CHAT,
            table="stream",
            column="event",
            row=self.conversation,
            bound=(),
        )


def _client() -> redis.asyncio.Redis:
    """One client per event loop: its connections belong to that loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = redis.asyncio.from_url(settings.REDIS_URL)
    return _clients[loop]


@cache
def _blocking_client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


async def publish(channel: Channel, event: Event) -> bool:
    """Append the event and wake the tabs. False when Redis is away, which is logged,
    never raised: the turn goes on and its end is in the database."""
    sealed = await in_thread(seal_bytes)(protocol.pack(event), channel.place())
    try:
        client = _client()
        await client.xadd(
            channel.key, {"e": sealed}, maxlen=KEPT_EVENTS, approximate=True
        )
        await client.expire(channel.key, KEPT_SECONDS)
        await get_channel_layer().group_send(channel.group, WAKE)
    except (RedisError, OSError):
        log.warning("event of conversation %s not published", channel.conversation)
        return False
    return True


def publish_now(channel: Channel, event: Event) -> None:
    """The same from code that is not asynchronous, on a connection that stays."""
    sealed = seal_bytes(protocol.pack(event), channel.place())
    try:
        client = _blocking_client()
        client.xadd(channel.key, {"e": sealed}, maxlen=KEPT_EVENTS, approximate=True)
        client.expire(channel.key, KEPT_SECONDS)
        async_to_sync(get_channel_layer().group_send)(channel.group, WAKE)
    except (RedisError, OSError):
        log.warning("event of conversation %s not published", channel.conversation)


def whisper(channel: Channel, event: Event) -> None:
    """Tell the open tabs something that is true for seconds only: it is not kept and
    not replayed, so it may hold no word of anybody."""
    told = {"type": "stream.whispered", "frame": protocol.encode(event)}
    try:
        async_to_sync(get_channel_layer().group_send)(channel.group, told)
    except (RedisError, OSError):
        log.warning("nothing whispered in conversation %s", channel.conversation)


async def after(channel: Channel, cursor: str) -> list[tuple[str, Event]]:
    """Events after `cursor`, oldest first, each with its own cursor; none while Redis
    is away."""
    try:
        found = await cast(
            Awaitable[list[tuple[bytes, dict[bytes, bytes]]]],
            _client().xrange(channel.key, min=f"({cursor}"),
        )
    except (RedisError, OSError):
        log.warning("events of conversation %s not read", channel.conversation)
        return []
    if not found:
        return []
    return await in_thread(_open_all)(channel, found)


def _open_all(
    channel: Channel, found: list[tuple[bytes, dict[bytes, bytes]]]
) -> list[tuple[str, Event]]:
    """An event that cannot be read (another version wrote it, a key is gone) is left
    out: the page finds what it missed in the database."""
    opened: list[tuple[str, Event]] = []
    for cursor, fields in found:
        try:
            event = protocol.unpack(unseal_bytes(fields[b"e"], channel.place()))
        except (SealBroken, msgspec.DecodeError):
            log.warning("an event of %s cannot be read", channel.conversation)
            continue
        opened.append((cursor.decode(), event))
    return opened


def tail(conversation: UUID) -> str:
    """Cursor of the newest event; START when there is none or Redis is away."""
    try:
        newest = _blocking_client().xrevrange(f"events:{conversation}", count=1)
    except (RedisError, OSError):
        return START
    rows = cast(list[tuple[bytes, Any]], newest)
    return rows[0][0].decode() if rows else START


async def request_stop(turn: UUID) -> None:
    """Ask whichever process runs the turn to stop it."""
    try:
        await _client().set(f"stop:{turn}", 1, ex=STOP_SECONDS)
    except (RedisError, OSError):
        log.warning("turn %s could not be asked to stop", turn)


def stop_now(turn: UUID) -> None:
    """The same from code that is not asynchronous."""
    try:
        _blocking_client().set(f"stop:{turn}", 1, ex=STOP_SECONDS)
    except (RedisError, OSError):
        log.warning("turn %s could not be asked to stop", turn)


async def stop_requested(turn: UUID) -> bool | None:
    """None while Redis is away."""
    try:
        return bool(await _client().exists(f"stop:{turn}"))
    except (RedisError, OSError):
        return None


def in_thread(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Run blocking code beside the event loop, in any free thread; database
    connections go back to the pool when it is done."""
    return cast(
        Callable[P, Awaitable[R]],
        database_sync_to_async(function, thread_sensitive=False),
    )
