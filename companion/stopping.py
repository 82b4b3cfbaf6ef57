"""What a model is asked until somebody stops it, even while an answer is awaited.

Nothing is left running behind it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any, TypeVar

from companion.engine.request import EngineEvent

T = TypeVar("T")


async def until(
    stop: asyncio.Event, events: AsyncGenerator[EngineEvent, None]
) -> AsyncGenerator[EngineEvent, None]:
    """The events until `stop` is set, even while the next one is still awaited."""
    stopped = asyncio.ensure_future(stop.wait())
    following: asyncio.Future[EngineEvent] | None = None
    try:
        while True:
            following = asyncio.ensure_future(anext(events))
            await asyncio.wait(
                {following, stopped}, return_when=asyncio.FIRST_COMPLETED
            )
            if stopped.done():
                return
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        await _drop(stopped, following)
        await events.aclose()


async def unless(stop: asyncio.Event, work: Awaitable[T], otherwise: T) -> T:
    """What comes of `work`, or `otherwise` where `stop` is set first."""
    stopped = asyncio.ensure_future(stop.wait())
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return otherwise if stopped.done() else working.result()
    finally:
        await _drop(stopped, working)


async def _drop(*waiting: asyncio.Future[Any] | None) -> None:
    """Cancel what is still awaited, and wait until it is gone."""
    left = [future for future in waiting if future and not future.done()]
    for future in left:
        future.cancel()
    await asyncio.gather(*left, return_exceptions=True)
