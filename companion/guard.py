"""The way to the guard model: one question at a time, one answer, within its time.

Optional (GUARD_URL). Gives a finding or nothing, never a word of the model: absent,
slow, busy or talking nonsense it counts as no layer at all. Only companion/turn.py may
ask it, and nothing else may reach its engine.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from weakref import WeakKeyDictionary

from companion.engine.addresses import place
from companion.engine.client import EngineClient
from companion.engine.request import (
    ChatMessage,
    EngineFailed,
    GenerationRequest,
    Sampling,
    Text,
)
from safety import guard
from safety.guard import Finding
from safety.policy import POLICY

TOKENS = 48  # enough for the longest answer
EXACT = Sampling(temperature=0.0, top_k=1, top_p=1.0, min_p=0.0, repeat_penalty=1.0)
log = logging.getLogger(__name__)


class Guard:
    """One guard engine. One that failed is left alone for a while, so that nobody's
    message waits for it each time."""

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        model: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._engine = EngineClient(url, key=key, model=model)
        self._clock = clock
        self._rests_until = 0.0
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            WeakKeyDictionary()
        )

    async def ask(self, text: str) -> Finding | None:
        """What the guard finds in a person's message; None where it has no say."""
        if self._clock() < self._rests_until:
            return None
        finding, why = None, "nonsense"
        try:
            async with asyncio.timeout(POLICY.guard.seconds), self._turn():
                finding = guard.read(await self._answer(text))
        except TimeoutError:
            why = "late"
        except EngineFailed as failed:
            why = failed.kind
        if finding is None:
            self._rest(why)
        return finding

    def _turn(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        return self._turns.setdefault(loop, asyncio.Semaphore(1))

    async def _answer(self, text: str) -> str:
        request = GenerationRequest(
            messages=(ChatMessage("user", text),),
            sampling=EXACT,
            max_tokens=TOKENS,
            max_seconds=POLICY.guard.seconds,
            cache_key="guard",  # one chat for all: its beginning is read once
        )
        heard: list[str] = []
        async with aclosing(self._engine.stream(request)) as events:
            async for event in events:
                if isinstance(event, Text):
                    heard.append(event.text)
        return "".join(heard)

    def _rest(self, why: str) -> None:
        """The answer may hold words of the message: only the kind is logged."""
        log.warning("guard at %s: %s", place(self._url), why)
        self._rests_until = self._clock() + POLICY.guard.rest_seconds
