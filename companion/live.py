"""Turns as tasks of this process: they go on when the socket that asked is gone.

Holds no truth: a turn whose process dies keeps its row, its lease lapses and it is
marked failed (services.fail_orphans).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from companion import services, stream
from companion.protocol import Event, Message, Retry, Send
from companion.stream import Channel, in_thread
from companion.turn import run_turn

STOP_LOOK = 0.25  # seconds; the person sees "stopped" within one
LEASE_RENEWAL = 5.0  # seconds; a third of the lease
log = logging.getLogger(__name__)
_tasks: set[asyncio.Task[None]] = set()


async def launch(user: User, channel: Channel, command: Send | Retry) -> Event:
    """Start a turn. Returns when its message is committed, with the frame that says
    so; raises `Refused` when it is not accepted. The rest goes on by itself."""
    stop = asyncio.Event()
    events = run_turn(user, channel, command, stop)
    first = await anext(events)
    task = asyncio.create_task(_carry(channel, first, events, stop))
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
) -> None:
    """Publish every event of a turn, while its lease is kept and stop is heard."""
    turn = first.turn if isinstance(first, Message) else None
    watch = asyncio.create_task(_watch(turn, stop)) if turn else None
    try:
        await stream.publish(channel, first)
        async for event in events:
            await stream.publish(channel, event)
    except Exception:
        # The lease lapses and the turn is marked failed; text stays out of the log.
        log.exception("turn %s broke", turn)
    finally:
        if watch:
            watch.cancel()
        await events.aclose()


async def _watch(turn: UUID, stop: asyncio.Event) -> None:
    renewed = 0.0
    while not stop.is_set():
        if await stream.stop_requested(turn):
            stop.set()
        if asyncio.get_running_loop().time() - renewed > LEASE_RENEWAL:
            await in_thread(services.renew_lease)(turn_id=turn, now=timezone.now())
            renewed = asyncio.get_running_loop().time()
        await asyncio.sleep(STOP_LOOK)
