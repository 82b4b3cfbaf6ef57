"""The one thread that owns the model.

Everything that computes happens here: two threads that compute on one model slow each
other down, and crash it. Whatever goes wrong, everybody who waits is told.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from companion.engine.queue import QUEUE_LIMIT, Job, Line, Tell
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    GenerationRequest,
    Thinking,
)

log = logging.getLogger(__name__)
Status = Literal["loading", "ok", "failed"]


class Speaker(Protocol):
    """A loaded model. `prepare` may be called from any thread, `speak` and `forget`
    from the owner alone; `evaluated` counts the prompt tokens computed so far."""

    @property
    def name(self) -> str: ...

    @property
    def evaluated(self) -> int: ...

    def prepare(self, request: GenerationRequest) -> list[int]:
        """The prompt's tokens; raises `EngineFailed("refused")`."""

    def speak(self, job: Job) -> Iterator[EngineEvent]:
        """Text, then `Finished`; ends early, without it, when the job is cancelled."""

    def read_ahead(self, job: Job) -> bool:
        """Get ready for prompts that begin like this one. False when interrupted."""

    def forget(self) -> None:
        """Drop whatever an interrupted reply left behind."""


@dataclass(eq=False, slots=True)
class Ahead(Job):
    """Reading ahead of everybody: over as soon as somebody waits."""

    line: Line = field(default_factory=Line)

    def is_over(self) -> bool:
        return not self.line.is_quiet()


def _unheard(event: EngineEvent | EngineFailed) -> None:
    """Nobody listens to a beginning."""


class Runner:
    """Loads the model in its own thread and answers one request at a time."""

    def __init__(
        self,
        load: Callable[[], Speaker],
        *,
        name: str = "",
        limit: int = QUEUE_LIMIT,
        on_failure: Callable[[], None] = lambda: None,
        beginnings: Iterable[GenerationRequest] = (),
    ) -> None:
        self.status: Status = "loading"
        self.reason = ""
        self.requests = 0
        self.on_failure = on_failure
        self._load = load
        self._name = name
        self._speaker: Speaker | None = None
        self._line = Line(limit)
        self._beginnings = deque(beginnings)
        self._counting = threading.Lock()
        self._thread = threading.Thread(target=self._own, name="model", daemon=True)

    @property
    def model(self) -> str:
        return self._speaker.name if self._speaker else self._name

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def evaluated(self) -> int:
        return self._speaker.evaluated if self._speaker else 0

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: GenerationRequest, tell: Tell) -> Job:
        """Queue a request; its events go to `tell`. Raises `EngineFailed`."""
        if self.status == "failed":
            raise EngineFailed("broken", self.reason)
        job = Job(request=request, tell=tell)
        if self._speaker:
            job.prompt = self._speaker.prepare(request)
        self._line.join(job)
        with self._counting:
            self.requests += 1
        return job

    def cancel(self, job: Job) -> None:
        self._line.cancel(job)

    def close(self) -> None:
        """Stop soon, telling everybody who waits; safe to call twice."""
        self._line.close(EngineFailed("broken", "the engine is stopping"))
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _own(self) -> None:
        try:
            self._speaker = self._load()
        except Exception as problem:
            self._fail(str(problem) or type(problem).__name__)
            return
        self.status = "ok"
        self._line.open()
        self._read_ahead(self._speaker)
        while job := self._line.take():
            self._answer(job, self._speaker)
            self._read_ahead(self._speaker)

    def _read_ahead(self, speaker: Speaker) -> None:
        """Use the quiet: prompts of the beginnings are read before anybody asks. Who
        comes meanwhile interrupts it, and the rest is read in the next quiet."""
        while self._beginnings and self._line.is_quiet():
            job = Ahead(self._beginnings[0], tell=_unheard, line=self._line)
            try:
                if speaker.read_ahead(job):
                    self._beginnings.popleft()
            except Exception as problem:
                # Nobody waits for it; a chat that begins so will say what is wrong.
                log.warning("a beginning broke: %s", type(problem).__name__)
                self._beginnings.popleft()
                speaker.forget()

    def _fail(self, reason: str) -> None:
        self.status, self.reason = "failed", reason
        self._line.close(EngineFailed("broken", reason))
        self.on_failure()

    def _answer(self, job: Job, speaker: Speaker) -> None:
        try:
            self._speak(job, speaker)
        except EngineFailed as failure:
            job.tell(failure)
        except Exception as problem:
            log.error("a reply broke: %s", type(problem).__name__)  # never its text
            job.tell(EngineFailed("broken", type(problem).__name__))
            speaker.forget()

    def _speak(self, job: Job, speaker: Speaker) -> None:
        if job.is_late():
            raise EngineFailed("timeout", "its time was over before its turn came")
        job.tell(Thinking())
        job.prompt = job.prompt or speaker.prepare(job.request)
        for event in speaker.speak(job):
            job.tell(event)
