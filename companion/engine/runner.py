"""The one thread that owns the model.

Everything that computes happens here: two threads that compute on one model slow each
other down, and crash it. Whatever goes wrong, everybody who waits is told.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from companion.engine.memory import Memory
from companion.engine.model import Model
from companion.engine.parking import Parking
from companion.engine.queue import QUEUE_LIMIT, Job, Line, Tell
from companion.engine.request import EngineFailed, GenerationRequest, Sampling
from companion.engine.scheduler import AT_ONCE, Counts, Scheduler

log = logging.getLogger(__name__)
Load = Callable[[], Model]
Status = Literal["loading", "ok", "failed"]


@dataclass(eq=False, slots=True)
class Change:
    """Another model that was asked for; `failure` says why the old one stays."""

    load: Load
    name: str
    failure: str = ""
    done: threading.Event = field(default_factory=threading.Event)


class Runner:
    """Loads the model in its own thread and makes steps while anybody waits."""

    def __init__(
        self,
        load: Load,
        *,
        name: str = "",
        limit: int = QUEUE_LIMIT,
        at_once: int = AT_ONCE,
        parking: Parking | None = None,
        on_failure: Callable[[], None] = lambda: None,
        beginnings: Iterable[GenerationRequest] = (),
    ) -> None:
        self.status: Status = "loading"
        self.reason = ""
        self.at_once = at_once
        self.requests = 0
        self.counts = Counts()
        self.on_failure = on_failure
        self.stepping_since: float | None = None
        self.model: Model | None = None
        self.memory: Memory | None = None
        self.parking = parking or Parking()
        self._scheduler: Scheduler | None = None
        self._load = load
        self._name = name
        self._line = Line(limit)
        self._beginnings = tuple(beginnings)
        self._unread = deque(self._beginnings)
        self._change: Change | None = None
        self._counting = threading.Lock()
        self._preparing = threading.Lock()
        self._thread = threading.Thread(target=self._own, name="model", daemon=True)

    @property
    def name(self) -> str:
        return self.model.name if self.model else self._name

    @property
    def sampling(self) -> Sampling:
        """What the model record says of a request that says nothing."""
        return self.model.sampling if self.model else Sampling()

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def running(self) -> int:
        return len(self._scheduler.running) if self._scheduler else 0

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: GenerationRequest, tell: Tell) -> Job:
        """Queue a request; its events go to `tell`. Raises `EngineFailed`."""
        if self.status == "failed":
            raise EngineFailed("broken", self.reason)
        job = Job(request=request, tell=tell)
        with self._preparing:
            if self.model:
                job.prompt = self.model.prepare(request)
            self._line.join(job)
        with self._counting:
            self.requests += 1
        return job

    def cancel(self, job: Job) -> None:
        self._line.cancel(job)

    def switch(self, load: Load, *, name: str = "") -> None:
        """Finish the replies in the making, then load the model called `name`; who
        comes meanwhile waits for it. Raises `EngineFailed` when the old one stays."""
        with self._counting:
            if self._change or self.status != "ok":
                raise EngineFailed("busy", "a model is being loaded already")
            change = self._change = Change(load, name)
        self._line.wake()
        change.done.wait()
        if change.failure:
            raise EngineFailed("refused", change.failure)

    def close(self) -> None:
        """Stop soon, telling everybody who waits; safe to call twice."""
        self._line.close(EngineFailed("broken", "the engine is stopping"))
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _own(self) -> None:
        try:
            self._open(self._load)
        except Exception as problem:
            self._fail(_said(problem))
            return
        while self._scheduler and not self._line.is_closed:
            self._turn(self._scheduler)
        if self._scheduler:
            self._scheduler.fail(EngineFailed("broken", "the engine is stopping"))
        if self._change:
            self._change.failure = "the engine is stopping"
            self._change.done.set()

    def _open(self, load: Load) -> None:
        model = load()
        self.memory = Memory(model, self.parking)
        self._scheduler = Scheduler(
            model,
            self.memory,
            counts=self.counts,
            at_once=self.at_once,
            alive=self._moves,
        )
        self._unread = deque(self._beginnings)
        self.model, self.status = model, "ok"
        self._line.open()

    def _turn(self, scheduler: Scheduler) -> None:
        try:
            self._moves()
            if self._change is None:
                self._line.admit(scheduler.seat)
            if scheduler.running:
                scheduler.step()
            elif self._change:
                self.stepping_since = None
                self._replace(self._change)
            elif not self._uses_quiet(scheduler):
                self.stepping_since = None
                self._line.wait()
        except Exception as problem:
            self._broke(scheduler, problem)
        finally:
            self.stepping_since = None

    def _moves(self) -> None:
        self.stepping_since = time.monotonic()

    def _uses_quiet(self, scheduler: Scheduler) -> bool:
        """What can be done before anybody asks; who comes meanwhile interrupts it."""
        return scheduler.settle(self._somebody_waits) or self._read_ahead(scheduler)

    def _read_ahead(self, scheduler: Scheduler) -> bool:
        """The beginnings of the personas."""
        while self._unread and self.model:
            beginning = self.model.prepare(self._unread[0])
            if scheduler.read_ahead(beginning, self._somebody_waits):
                return True
            self._unread.popleft()
        return False

    def _somebody_waits(self) -> bool:
        return bool(self._line) or self._line.is_closed or self._change is not None

    def _replace(self, change: Change) -> None:
        """Two models rarely fit into memory together: the old one goes first, and
        comes back when the new one cannot be loaded."""
        with self._preparing:
            old, self.model, self.status = self.model, None, "loading"
            self._line.reload()
        before, self._name = old.name if old else self._name, change.name
        if old:
            self.parking.clear()
            old.close()
        try:
            self._open(change.load)
            self._load = change.load
        except Exception as problem:
            change.failure, self._name = _said(problem), before
            self._reopen()
        finally:
            self._change = None
            change.done.set()

    def _reopen(self) -> None:
        try:
            self._open(self._load)
        except Exception as problem:
            self._scheduler = None
            self._fail(_said(problem))

    def _broke(self, scheduler: Scheduler, problem: Exception) -> None:
        """Nobody can tell whose fault it was: all that were in the step are told. When
        not even that can be done, the engine ends: nobody waits for a dead thread."""
        known = problem if isinstance(problem, EngineFailed) else None
        log.error("a step broke: %s", known or type(problem).__name__)  # never text
        self._unread.clear()
        try:
            scheduler.fail(known or EngineFailed("broken", type(problem).__name__))
        except Exception as worse:
            self._scheduler = None
            self._fail(f"it broke and could not clear up: {type(worse).__name__}")

    def _fail(self, reason: str) -> None:
        self.status, self.reason = "failed", reason
        self._line.close(EngineFailed("broken", reason))
        self.on_failure()


def _said(problem: Exception) -> str:
    return str(problem) or type(problem).__name__
