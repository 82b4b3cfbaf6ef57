"""How far a download is: one line a second at most.

Standard library only.
"""

import threading
import time
from collections.abc import Callable

Say = Callable[[str], None]
MEGABYTE = 1_000_000


class Progress:
    """Counts what arrives. Safe to use from several threads."""

    def __init__(self, label: str, total: int, say: Say, *, have: int = 0) -> None:
        self._label = label
        self._total = total
        self._say = say
        self._have = self._begun_with = have
        self._begun = self._told = time.monotonic()
        self._counting = threading.Lock()

    def add(self, size: int) -> None:
        with self._counting:
            self._have += size
            now = time.monotonic()
            if now - self._told >= 1 or self._have == self._total:
                self._told = now
                self._say(self._line(now))

    def _line(self, now: float) -> str:
        fresh = self._have - self._begun_with
        speed = fresh / max(now - self._begun, 0.001)
        line = f"{self._label}: {self._have / MEGABYTE:.0f}"
        if not self._total:
            return f"{line} MB, {speed / MEGABYTE:.1f} MB/s"
        share = 100 * self._have // self._total
        left = (self._total - self._have) / max(speed, 1)
        return (
            f"{line} of {self._total / MEGABYTE:.0f} MB, {share} %, "
            f"{speed / MEGABYTE:.1f} MB/s, {left:.0f} s left"
        )
