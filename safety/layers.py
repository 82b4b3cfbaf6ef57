"""The layers of detection: an ordered table of readers, each with its time limit.

A layer reads what was said and returns hits. It keeps no text, touches no database and
knows no other layer. One that raises, hangs, answers nonsense or is missing counts as
failed: the gate decides what follows, and the health page says so. Never raises
anything but `LayerFailed`.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from queue import SimpleQueue

from django.conf import settings
from django.utils.module_loading import import_string

from safety.policy import POLICY
from safety.verdict import Hit, Label, Said

Read = Callable[[Said], Iterable[Hit]]
STUCK_MOST = 4  # readings of one layer that may hang at once before it is left alone
log = logging.getLogger(__name__)


class LayerFailed(Exception):
    """`kind` is `missing`, `raised`, `late` or `nonsense`. Holds no text."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Layer:
    """`failing` is how its last reading failed, or empty; `stuck` counts readings that
    have not come back."""

    name: str
    read: Read
    limit_ms: int
    failing: str = ""
    failures: int = 0
    stuck: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hits(self, said: Said) -> tuple[Hit, ...]:
        """What the layer finds, within its time. Raises `LayerFailed`."""
        try:
            found = self._in_time(said)
        except LayerFailed as failed:
            self.failing = failed.kind
            self.failures += 1
            log.error("layer %s failed: %s", self.name, failed.kind)
            raise
        self.failing = ""
        return found

    def _in_time(self, said: Said) -> tuple[Hit, ...]:
        if self.stuck >= STUCK_MOST:
            raise LayerFailed("late")
        answer = _Answer()
        _hand().take(partial(self._answer, said, answer))
        if not answer.given.wait(self.limit_ms / 1000):
            with self._lock:
                if not answer.given.is_set():
                    answer.was_given_up = True
                    self.stuck += 1
                    raise LayerFailed("late")
        if answer.kind:
            raise LayerFailed(answer.kind)
        return answer.hits

    def _answer(self, said: Said, answer: "_Answer") -> None:
        try:
            answer.hits = _checked(self.read(said))
        except LayerFailed as failed:
            answer.kind = failed.kind
        except (ImportError, FileNotFoundError):
            answer.kind = "missing"
        except Exception as broken:
            # The message may stand in the exception: only its kind is logged.
            log.error("layer %s raised %s", self.name, type(broken).__name__)
            answer.kind = "raised"
        with self._lock:
            answer.given.set()
            if answer.was_given_up:
                self.stuck -= 1


@dataclass(slots=True)
class _Answer:
    hits: tuple[Hit, ...] = ()
    kind: str = ""
    was_given_up: bool = False
    given: threading.Event = field(default_factory=threading.Event)


class _Hand:
    """A thread that reads, one text after another: to start one for each text takes
    longer than the rules. One that hangs is missed by nobody; the next is made."""

    def __init__(self) -> None:
        self._given: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def take(self, work: Callable[[], None]) -> None:
        """`work` never raises."""
        self._given.put(work)

    def _work(self) -> None:
        while True:
            self._given.get()()  # no name here keeps the text until the next one
            _idle.append(self)


_idle: deque[_Hand] = deque()
os.register_at_fork(after_in_child=_idle.clear)  # threads stay with the parent


def _hand() -> _Hand:
    try:
        return _idle.pop()
    except IndexError:
        return _Hand()


def _checked(found: object) -> tuple[Hit, ...]:
    """Labels are a closed list: a layer that invents one is not understood."""
    if not isinstance(found, Iterable):
        raise LayerFailed("nonsense")
    hits = tuple(found)
    if not all(isinstance(hit, Hit) and _makes_sense(hit) for hit in hits):
        raise LayerFailed("nonsense")
    return hits


def _makes_sense(hit: Hit) -> bool:
    return hit.label in KNOWN and 0 <= hit.score <= 1 and 0 <= hit.tier <= 3


KNOWN = frozenset(Label)


@cache
def table() -> Mapping[str, Layer]:
    """Name to layer, in the order of `settings.SAFETY_LAYERS`."""
    return {
        name: layer(name, _found(path)) for name, path in settings.SAFETY_LAYERS.items()
    }


def layer(name: str, read: Read) -> Layer:
    limits = POLICY.layer_limits_ms
    return Layer(name, read, limits.get(name, limits["default"]))


def _found(path: str) -> Read:
    """The reader at a dotted path; one that cannot be imported always fails."""
    try:
        read: Read = import_string(path)
    except Exception as broken:
        log.error("layer %s cannot be loaded: %s", path, type(broken).__name__)
        return _missing
    return read


def _missing(said: Said) -> Iterable[Hit]:
    raise LayerFailed("missing")
