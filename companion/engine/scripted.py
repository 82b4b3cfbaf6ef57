"""A model that says the same sentences every time, for tests and measurements.

Same interface and same queue as the real one. Never chosen unless ENGINE_SCRIPT is set.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.engine.queue import Job
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    Finished,
    GenerationRequest,
    Text,
)

SENTENCES = (
    "I am glad that you told me. What was the best part of your day? "
    "今天过得怎么样？慢慢说，我在听。"
)
CONTEXT = 8192


@dataclass
class Scripted:
    """Speaks `text` piece by piece, one every `delay` seconds."""

    text: str = SENTENCES
    delay: float = 0.01
    name: str = "scripted"
    evaluated: int = 0

    def prepare(self, request: GenerationRequest) -> list[int]:
        words = sum(len(_pieces(message.content)) for message in request.messages)
        if words >= CONTEXT:
            raise EngineFailed("refused", f"the prompt has {words} tokens")
        return [0] * max(1, words)

    def speak(self, job: Job) -> Iterator[EngineEvent]:
        self.evaluated += len(job.prompt)
        pieces = _pieces(self.text)
        allowed = pieces[: job.request.max_tokens]
        for piece in allowed:
            if job.cancelled.wait(self.delay):
                return
            yield Text(piece)
        yield Finished(
            reason="stop" if allowed == pieces else "length",
            model=self.name,
            prompt_tokens=len(job.prompt),
            completion_tokens=len(allowed),
        )

    def read_ahead(self, job: Job) -> bool:
        """Nothing becomes faster."""
        return True

    def forget(self) -> None:
        """Nothing is kept."""


def _pieces(text: str) -> list[str]:
    """Words with the space before them; other scripts character by character."""
    return re.findall(r"\s?[!-~]+|\s|[^\s!-~]", text)
