"""Notices a step that never ends and stops the process: a supervisor starts it again.

Nothing else helps against a computation that hangs inside native code, and everybody
who waits for it would wait for ever.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
WEDGED = 86  # the exit code
LOOKS = 10  # in the time that a step may stand still


class Watchdog(threading.Thread):
    """`since` tells when the step that goes on now last moved, on the monotonic clock:
    a long prompt on a busy machine takes its time, and moves."""

    def __init__(
        self,
        since: Callable[[], float | None],
        *,
        seconds: float,
        on_wedged: Callable[[], None] = lambda: os._exit(WEDGED),
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._since = since
        self._seconds = seconds
        self._on_wedged = on_wedged
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._seconds / LOOKS):
            moved = self._since()
            if moved is not None and time.monotonic() - moved > self._seconds:
                log.critical("a step hung for %s s: the engine stops", self._seconds)
                self._on_wedged()
                return

    def close(self) -> None:
        self._over.set()
