"""The events of a model until somebody stops it, even while the next is awaited.

Nothing is left running behind it.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from companion.engine.request import EngineEvent


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


async def _drop(*waiting: asyncio.Future[Any] | None) -> None:
    """Cancel what is still awaited, and wait until it is gone."""
    left = [future for future in waiting if future and not future.done()]
    for future in left:
        future.cancel()
    await asyncio.gather(*left, return_exceptions=True)
