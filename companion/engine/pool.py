"""Several engines as one: a chat stays with its engine while that one answers.

Who comes first for a chat follows from the addresses alone, so every web process
chooses alike and none shares state. Never asks a second engine once one has spoken.
Only companion/turn.py may import this.
"""

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from hashlib import sha256
from uuid import uuid4

from companion.engine.addresses import place
from companion.engine.client import EngineClient
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    GenerationRequest,
    Text,
)

log = logging.getLogger(__name__)
REST_SECONDS = 10.0
GOES_ON = {"unreachable", "busy", "broken"}
RESTS = {"unreachable", "broken", "timeout"}


class EnginePool:
    """As `EngineClient`, for one address or several of the same model."""

    def __init__(
        self,
        urls: Iterable[str],
        *,
        key: str = "",
        model: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engines = {url: EngineClient(url, key=key, model=model) for url in urls}
        self._resting = Resting(clock)

    async def stream(
        self, request: GenerationRequest
    ) -> AsyncGenerator[EngineEvent, None]:
        """The events of one reply; the last is `Finished`. Raises `EngineFailed`."""
        failures: list[EngineFailed] = []
        has_spoken = False
        # What belongs to no chat goes anywhere
        place = request.cache_key or uuid4().hex
        for url in self._resting.last(ranked(self._engines, place)):
            try:
                async with aclosing(self._ask(url, request)) as events:
                    async for event in events:
                        has_spoken = has_spoken or isinstance(event, Text)
                        yield event
                return
            except EngineFailed as failure:
                failures.append(failure)
                if has_spoken or not _may_go_on(failures):
                    raise
        raise _verdict(failures)

    async def _ask(
        self, url: str, request: GenerationRequest
    ) -> AsyncGenerator[EngineEvent, None]:
        """One engine's reply. One that gave no sign of life is left out for a while."""
        is_alive = False
        self._resting.try_again(url)
        try:
            async with aclosing(self._engines[url].stream(request)) as events:
                async for event in events:
                    is_alive = True
                    self._resting.end(url)
                    yield event
        except EngineFailed as failure:
            if failure.kind not in RESTS:
                self._resting.end(url)
            elif not is_alive:
                log.warning("engine at %s: %s", place(url), failure.kind)
                self._resting.begin(url)
            raise


class Resting:
    """The engines that failed a moment ago."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def last(self, urls: list[str]) -> list[str]:
        """The same order with those who rest behind all others: where nobody else
        answers they are asked even so."""
        now = self._clock()
        return sorted(urls, key=lambda url: self._until.get(url, now) > now)

    def begin(self, url: str) -> None:
        self._until[url] = self._clock() + REST_SECONDS

    def try_again(self, url: str) -> None:
        """One request finds out whether it is back; the others do not wait with it."""
        if url in self._until:
            self.begin(url)

    def end(self, url: str) -> None:
        self._until.pop(url, None)


def ranked(urls: Iterable[str], cache_key: str) -> list[str]:
    """The order in which a chat tries the engines (rendezvous hashing): without one of
    them only its own chats move, and they move to all the others alike."""
    return sorted(urls, key=lambda url: sha256(f"{url} {cache_key}".encode()).digest())


def _may_go_on(failures: list[EngineFailed]) -> bool:
    """A request that broke two engines is not given to a third."""
    kinds = [failure.kind for failure in failures]
    return kinds[-1] in GOES_ON and kinds.count("broken") < 2


def _verdict(failures: list[EngineFailed]) -> EngineFailed:
    """Who is only busy can soon answer: that is said rather than who is away."""
    busy = [failure for failure in failures if failure.kind == "busy"]
    return (busy or failures)[-1]
