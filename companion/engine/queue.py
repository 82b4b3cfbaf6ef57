"""Who waits for the model, and in which order.

A bounded line in which everybody hears their place as it changes. Computes nothing,
and never takes more people than it promised.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from companion.engine.model import Prompt
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
    at once; `prompt` holds its tokens as soon as somebody has counted them, `place`
    is the position that it heard last."""

    request: GenerationRequest
    tell: Tell
    prompt: Prompt | None = None
    place: int = 0
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
        self._phase: Literal["loading", "open", "closed"] = "loading"
        self._woken = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_closed(self) -> bool:
        return self._phase == "closed"

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
            self._changed.notify_all()

    def open(self) -> None:
        with self._changed:
            if self._phase == "loading":
                self._phase = "open"

    def reload(self) -> None:
        """Another model comes: who waits hears it, and is counted anew."""
        with self._changed:
            self._phase = "loading"
            for job in self._waiting:
                job.prompt, job.place = None, 0
                job.tell(Loading())

    def wait(self) -> None:
        """Until somebody waits, somebody wakes us or the line is closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._woken or self.is_closed
            )
            self._woken = False

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def admit(self, seat: Callable[[Job], bool]) -> None:
        """Let the first in as long as `seat` finds room; the others hear their place.
        Nobody overtakes, and who breaks `seat` is not tried again. Called by the
        model's thread alone."""
        while first := self._first():
            try:
                if not seat(first):
                    break
            except Exception:
                self._leave(first)
                raise
            self._leave(first)
        with self._changed:
            for place, job in enumerate(self._waiting, start=1):
                if job.place != place:
                    job.place = place
                    job.tell(Queued(place))

    def cancel(self, job: Job) -> None:
        """Nobody wants this reply any more: it leaves the line, or stops soon."""
        job.cancelled.set()
        self._leave(job)

    def close(self, failure: EngineFailed) -> None:
        """Send everybody away and take nobody else."""
        with self._changed:
            self._phase = "closed"
            gone = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for job in gone:
            job.tell(failure)
            job.cancelled.set()

    def _first(self) -> Job | None:
        with self._changed:
            return self._waiting[0] if self._waiting else None

    def _leave(self, job: Job) -> None:
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
