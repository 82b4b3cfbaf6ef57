"""How the chat model scores its next word, asked beside a chat: it says nothing.

Whoever asks goes on without an answer where there is none in time. No text outlives a
question, and no word of it is logged.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from math import isfinite
from typing import Protocol, TypeVar

from companion.engine.request import (
    ChatMessage,
    EngineEvent,
    EngineFailed,
    Finished,
    GenerationRequest,
    Scores,
)
from safety.policy import POLICY

log = logging.getLogger(__name__)
T = TypeVar("T")


class Engines(Protocol):
    def stream(
        self, request: GenerationRequest
    ) -> AsyncGenerator[EngineEvent, None]: ...


class NextWord:
    """Asks through one way to the engines, for one purpose. After a failure they are
    left alone for a while, so that nobody's message waits for it each time.
    `failures` keeps the kind of the last one until an answer comes."""

    def __init__(
        self,
        engines: Engines,
        purpose: str,
        failures: deque[str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engines = engines
        self._purpose = purpose
        self._failures = failures
        self._clock = clock
        self._rests_until = 0.0

    async def attempt(self, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What comes of `work`, or `otherwise` when it fails or lately has."""
        if self._clock() < self._rests_until:
            return otherwise
        try:
            return await work()
        except TimeoutError:
            self._rest("late")
        except Exception as broken:  # whatever it is, somebody waits for an answer
            self._rest(getattr(broken, "kind", type(broken).__name__))
        return otherwise

    async def scores(
        self, *asked: GenerationRequest, model: str
    ) -> list[tuple[float, ...]]:
        """Those of each request, in order, all in time.

        Raises `EngineFailed` where another model answers or no proper scores come, and
        `TimeoutError`.
        """
        async with asyncio.timeout(POLICY.look.seconds):
            found = [await self._scores(request, model) for request in asked]
        self._failures.clear()
        return found

    def _rest(self, why: str) -> None:
        log.warning("%s: %s", self._purpose, why)
        self._failures.append(why)
        self._rests_until = self._clock() + POLICY.look.rest_seconds

    async def _scores(
        self, request: GenerationRequest, model: str
    ) -> tuple[float, ...]:
        values: tuple[float, ...] = ()
        async with aclosing(self._engines.stream(request)) as events:
            async for event in events:
                if isinstance(event, Scores):
                    values = event.values
                if isinstance(event, Finished) and event.model != model:
                    raise EngineFailed("refused", "another model")
        if len(values) != len(request.scores_of) or not all(map(isfinite, values)):
            raise EngineFailed("broken", "no scores")
        return values


def question(
    role: str,
    examples: Iterable[tuple[str, str]],
    asked: str,
    tokens: Iterable[int],
) -> GenerationRequest:
    """No chat of anybody's: a role, texts with what is to be said of them, and one
    more text. The engine keeps what stands before that and forgets the text."""
    shown = [
        (ChatMessage("user", text), ChatMessage("assistant", answer))
        for text, answer in examples
    ]
    opening = [ChatMessage("system", role), *(m for pair in shown for m in pair)]
    return GenerationRequest(
        messages=(*opening, ChatMessage("user", asked)),
        max_tokens=1,
        max_seconds=POLICY.look.seconds,
        shared=len(opening),
        scores_of=tuple(tokens),
    )
