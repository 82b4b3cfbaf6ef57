"""The closer look: the chat model is shown what the heads are unsure of, on its own.

It says nothing; how it scores its next word is read by `safety.look`. Gives the verdict
that was there when the model is another one, away, busy or late. Never shows the model
a message of danger; no text outlives a look.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from django.conf import settings

from companion import in_use
from companion.engine.request import GenerationRequest
from companion.next_word import Engines, NextWord, question
from safety import gate, look
from safety.verdict import Said, Speaker, Verdict

log = logging.getLogger(__name__)
_failures: deque[str] = deque(maxlen=1)  # how the last look of this process failed


class Look:
    """Looks through one way to the engines."""

    def __init__(
        self, engines: Engines, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._next = NextWord(engines, "closer look", _failures, clock=clock)

    async def again(self, said: Said, verdict: Verdict) -> Verdict:
        """The verdict behind a look at what is in doubt; where nothing is, or the model
        has no say, the same. A layer that failed has decided already."""
        if verdict.failed:
            return verdict
        return await self._next.attempt(
            lambda: self._again(said, verdict), otherwise=verdict
        )

    async def _again(self, said: Said, verdict: Verdict) -> Verdict:
        pieces = await asyncio.to_thread(look.in_doubt, said, verdict)
        if not pieces:
            return verdict
        asked = [request(said.speaker, piece) for piece in pieces]
        seen = await self._next.scores(*asked, model=look.model())
        looks = dict(zip(pieces, seen, strict=True))
        hits = await asyncio.to_thread(look.read_again, said, looks)
        return gate.settled(verdict, said, hits)


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
    return tuple(f"no closer look: {why}" for why in _failures)


def request(
    speaker: Speaker, piece: str, tokens: Sequence[int] = ()
) -> GenerationRequest:
    """The scores are of the tokens that the look weighs, or of others."""
    asked = look.question(speaker)
    return question(asked.role, asked.examples, piece, tokens or look.tokens())


def beginnings() -> tuple[GenerationRequest, ...]:
    """The questions, for an engine to read before anybody waits."""
    if not is_wanted():
        return ()
    return tuple(request(speaker, "") for speaker in Speaker)
