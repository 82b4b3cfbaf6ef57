"""Turns as tasks of this process: they go on when the socket that asked is gone.

Holds no truth: a turn whose process dies keeps its row, its lease lapses and it is
marked failed (services.fail_orphans).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from companion import frames, services, stream
from companion.protocol.commands import Retry, Send
from companion.protocol.events import Event, Message
from companion.stream import Channel, in_thread
from companion.turn import run_turn

STOP_LOOK = 0.25  # seconds; the person sees "stopped" within one
LEASE_RENEWAL = 5.0  # seconds; a third of the lease
Say = Callable[[Event], Awaitable[None]]
log = logging.getLogger(__name__)
_tasks: set[asyncio.Task[None]] = set()


async def launch(
    user: User, channel: Channel, command: Send | Retry, otherwise: Say
) -> Event:
    """Start a turn. Returns when its message is committed, with the frame that says
    so; raises `Refused` when it is not accepted. The rest goes on by itself; what the
    stream cannot carry is told to the tab that asked, through `otherwise`."""
    stop = asyncio.Event()
    events = run_turn(user, channel, command, stop)
    first = await anext(events)
    task = asyncio.create_task(_carry(channel, first, events, stop, otherwise))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return first


async def settled() -> None:
    """Wait until every turn of this process has ended."""
    while _tasks:
        await asyncio.gather(*_tasks, return_exceptions=True)


async def _carry(
    channel: Channel,
    first: Event,
    events: AsyncGenerator[Event, None],
    stop: asyncio.Event,
    otherwise: Say,
) -> None:
    """Publish every event of a turn, while its lease is kept and stop is heard."""
    turn = first.turn if isinstance(first, Message) else None
    watch = asyncio.create_task(_watch(turn, stop)) if turn else None
    try:
        await stream.publish(channel, first)
        async for event in events:
            if not await stream.publish(channel, event):
                await otherwise(event)
    except Exception as broken:
        # Only its kind is logged: words of people may stand in the rest.
        log.error("turn %s broke: %s", turn, type(broken).__name__)
        if turn:
            await _fail(channel, turn, otherwise)
    finally:
        if watch:
            watch.cancel()
        await events.aclose()


async def _fail(channel: Channel, turn: UUID, otherwise: Say) -> None:
    """The one terminal event, where nothing else will send it."""
    event = await in_thread(_failed)(turn)
    if event and not await stream.publish(channel, event):
        await otherwise(event)


def _failed(turn: UUID) -> Event | None:
    lost = services.fail(turn_id=turn, reason="broken", now=timezone.now())
    return frames.done_frame(lost) if lost else None


async def _watch(turn: UUID, stop: asyncio.Event) -> None:
    renewed = 0.0
    while not stop.is_set():
        asked = await stream.stop_requested(turn)
        if asked:
            stop.set()
        blind = asked is None  # Redis is away: the row alone tells of a stop
        if blind or asyncio.get_running_loop().time() - renewed > LEASE_RENEWAL:
            renewed = await _renewed(turn, stop, renewed)
        await asyncio.sleep(STOP_LOOK)


async def _renewed(turn: UUID, stop: asyncio.Event, before: float) -> float:
    """When the lease was renewed; a database that is away is asked again at once. A
    turn that others ended (a person came in) stops even when nobody could tell it."""
    try:
        runs = await in_thread(services.renew_lease)(turn_id=turn, now=timezone.now())
    except DatabaseError:
        log.warning("the lease of turn %s was not renewed", turn)
        return before
    if not runs:
        stop.set()
    return asyncio.get_running_loop().time()
