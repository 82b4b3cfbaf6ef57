"""The closer look: the chat model is shown what the heads are unsure of, on its own.

It says nothing; how it scores its next word is read by `safety.look`. Gives the verdict
that was there when the model is another one, away, busy or late. Never shows the model
a message of danger; no text outlives a look.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from math import isfinite
from typing import Protocol

from django.conf import settings

from companion import in_use
from companion.engine.request import (
    ChatMessage,
    EngineEvent,
    EngineFailed,
    Finished,
    GenerationRequest,
    Scores,
)
from safety import gate, look
from safety.policy import POLICY
from safety.verdict import Said, Speaker, Verdict

log = logging.getLogger(__name__)
_failing: deque[str] = deque(maxlen=1)  # how the last look of this process failed


class Engines(Protocol):
    def stream(
        self, request: GenerationRequest
    ) -> AsyncGenerator[EngineEvent, None]: ...


class Look:
    """Looks through one way to the engines. After a failure they are left alone for a
    while, so that nobody's message waits for it each time."""

    def __init__(
        self, engines: Engines, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engines = engines
        self._clock = clock
        self._rests_until = 0.0

    async def again(self, said: Said, verdict: Verdict) -> Verdict:
        """The verdict behind a look at what is in doubt; where nothing is, or the model
        has no say, the same. A layer that failed has decided already."""
        if verdict.failed or self._clock() < self._rests_until:
            return verdict
        try:
            return await self._again(said, verdict)
        except TimeoutError:
            self._rest("late")
        except Exception as broken:  # whatever it is, somebody waits for an answer
            self._rest(getattr(broken, "kind", type(broken).__name__))
        return verdict

    async def _again(self, said: Said, verdict: Verdict) -> Verdict:
        pieces = await asyncio.to_thread(look.in_doubt, said, verdict)
        if not pieces:
            return verdict
        async with asyncio.timeout(POLICY.look.seconds):
            seen = [await self._scores(said.speaker, piece) for piece in pieces]
        looks = dict(zip(pieces, seen, strict=True))
        hits = await asyncio.to_thread(look.read_again, said, looks)
        _failing.clear()
        return gate.settled(verdict, said, hits)

    def _rest(self, why: str) -> None:
        log.warning("closer look: %s", why)
        _failing.append(why)
        self._rests_until = self._clock() + POLICY.look.rest_seconds

    async def _scores(self, speaker: Speaker, piece: str) -> tuple[float, ...]:
        values: tuple[float, ...] = ()
        async with aclosing(self._engines.stream(request(speaker, piece))) as events:
            async for event in events:
                if isinstance(event, Scores):
                    values = event.values
                if isinstance(event, Finished) and event.model != look.model():
                    raise EngineFailed("refused", "another model")
        if len(values) != len(look.tokens()) or not all(map(isfinite, values)):
            raise EngineFailed("broken", "no scores")
        return values


def is_wanted() -> bool:
    """CLOSER_LOOK says on or off; else whether the model that speaks is the one that
    the look can read. Without its coefficients there is none, and the start-up check
    has said so."""
    if settings.CLOSER_LOOK == "off":
        return False
    try:
        readable = look.model()
    except (OSError, KeyError, ValueError) as broken:
        log.error("closer look: %s", type(broken).__name__)
        return False
    known = in_use.model()
    is_known = known is not None and known.name == readable
    return is_known or bool(settings.CLOSER_LOOK == "on")


def trouble() -> tuple[str, ...]:
    """Why the last look of this process could not be taken; empty is well."""
    return tuple(f"no closer look: {why}" for why in _failing)


def request(
    speaker: Speaker, piece: str, tokens: Sequence[int] = ()
) -> GenerationRequest:
    """No chat of anybody's: the engine keeps the question and forgets the piece. The
    scores are of the tokens that the look weighs, or of others."""
    asked = look.question(speaker)
    shown = [
        (ChatMessage("user", text), ChatMessage("assistant", answer))
        for text, answer in asked.examples
    ]
    opening = [ChatMessage("system", asked.role), *(m for pair in shown for m in pair)]
    return GenerationRequest(
        messages=(*opening, ChatMessage("user", piece)),
        max_tokens=1,
        max_seconds=POLICY.look.seconds,
        shared=len(opening),
        scores_of=tuple(tokens) or look.tokens(),
    )


def beginnings() -> tuple[GenerationRequest, ...]:
    """The questions, for an engine to read before anybody waits."""
    if not is_wanted():
        return ()
    return tuple(request(speaker, "") for speaker in Speaker)
