"""Who waits for the model, and in which order.

A bounded line in which everybody hears their place as it changes. Computes nothing,
and never takes more people than it promised.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    GenerationRequest,
    Loading,
    Queued,
)

Tell = Callable[[EngineEvent | EngineFailed], None]
QUEUE_LIMIT = 16


@dataclass(eq=False, slots=True)
class Job:
    """One accepted request. `tell` is called from the model's thread and must return
    at once; `prompt` holds its tokens as soon as somebody has counted them."""

    request: GenerationRequest
    tell: Tell
    prompt: list[int] = field(default_factory=list)
    accepted: float = field(default_factory=time.monotonic)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def is_late(self) -> bool:
        return time.monotonic() > self.accepted + self.request.max_seconds

    def is_over(self) -> bool:
        """Nobody waits for more of it."""
        return self.cancelled.is_set() or self.is_late()


class Line:
    """The waiting jobs. Until `open` is called everybody in it hears `Loading`."""

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._phase = "loading"
        self._serving: Job | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, job: Job) -> None:
        """Queue at the end; raises `EngineFailed("busy")` when the line is full."""
        with self._changed:
            if self._phase == "closed":
                raise EngineFailed("broken", "the engine is stopping")
            if len(self._waiting) >= self._limit:
                raise EngineFailed("busy", f"{self._limit} requests wait already")
            self._waiting.append(job)
            if self._phase == "loading":
                job.tell(Loading())
            elif self._serving or len(self._waiting) > 1:
                job.tell(Queued(len(self._waiting)))
            self._changed.notify()

    def is_quiet(self) -> bool:
        """Nobody waits and nobody closes: there is time to read ahead."""
        return not self._waiting and self._phase == "open"

    def open(self) -> None:
        with self._changed:
            if self._phase == "loading":
                self._phase = "open"

    def take(self) -> Job | None:
        """The next job, when there is one; None when the line was closed."""
        with self._changed:
            self._serving = None
            self._changed.wait_for(lambda: self._waiting or self._phase == "closed")
            if self._phase == "closed":
                return None
            self._serving = self._waiting.popleft()
            self._announce()
            return self._serving

    def cancel(self, job: Job) -> None:
        """Nobody wants this reply any more: it leaves the line, or stops soon."""
        job.cancelled.set()
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                self._announce()

    def close(self, failure: EngineFailed) -> None:
        """Send everybody away and take nobody else."""
        with self._changed:
            self._phase = "closed"
            gone = [*self._waiting, *([self._serving] if self._serving else [])]
            self._waiting.clear()
            self._changed.notify_all()
        for job in gone:
            job.tell(failure)
            job.cancelled.set()

    def _announce(self) -> None:
        if self._phase == "open":
            for position, job in enumerate(self._waiting, start=1):
                job.tell(Queued(position))
