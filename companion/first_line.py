"""The line behind the first message of a chat: the reply to what is near in the voice
bank and of the same kind, else one that is right for everything of its kind.

For the kind the chat model is asked how it takes the message; it says nothing. Never
asks it while a person of the team may be there: the caller has passed the door.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from companion import in_use, voice_bank
from companion.engine.request import GenerationRequest
from companion.next_word import Engines, NextWord, question
from companion.voice_bank import Opening, kinds

_failures: deque[str] = deque(maxlen=1)  # how the last one of this process failed


class FirstLine:
    """Lines through one way to the engines."""

    def __init__(
        self, engines: Engines, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._next = NextWord(engines, "first line", _failures, clock=clock)

    async def of(self, opening: Opening) -> str:
        """The line, or nothing where none is sure to fit."""
        near = await asyncio.to_thread(voice_bank.line_for, opening)
        if opening.fixed or not is_asked():
            return near
        return await self._next.attempt(lambda: self._of_kind(opening), otherwise=near)

    async def _of_kind(self, opening: Opening) -> str:
        asked = request(opening.said, kinds.coefficients().tokens)
        [scores] = await self._next.scores(asked, model=kinds.coefficients().model)
        return await asyncio.to_thread(voice_bank.line_of_kind, opening, scores)


def is_asked() -> bool:
    """Whether the model that speaks is the one whose scores can be read. Without its
    coefficients it is not, which is told as a trouble of the voice bank."""
    known = in_use.model()
    return (
        voice_bank.is_wanted()
        and known is not None
        and known.name == voice_bank.readable()
    )


def trouble() -> tuple[str, ...]:
    """Why the last one of this process could not be found; empty is well."""
    return tuple(f"no first line: {why}" for why in _failures)


def request(said: str, tokens: Sequence[int]) -> GenerationRequest:
    asked = kinds.question()
    return question(asked.role, asked.examples, said[: kinds.LONGEST], tokens)


def beginnings() -> tuple[GenerationRequest, ...]:
    """The question, for an engine to read before anybody waits."""
    return (request("", kinds.coefficients().tokens),) if is_asked() else ()
