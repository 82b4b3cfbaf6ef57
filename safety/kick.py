"""Wakes those who do duties as soon as a transaction that wrote some is committed.

Only an accelerator: beat and the watchdog find every due row without it. The process
that wrote the rows looks back a little later and does what nobody has done by then, in
a thread of its own: while the broker or the workers are away nothing waits for them,
and nobody waits for this.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from safety.policy import POLICY

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Alone:
    """A thread for one thing: what is asked for while it waits to begin is one."""

    name: str
    thread: ThreadPoolExecutor = field(init=False)
    last: Future[None] | None = None

    def __post_init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, self.name)

    def ask(self, what: Callable[[], None]) -> None:
        if self.last is None or self.last.running() or self.last.done():
            self.last = self.thread.submit(what)


_waking, _looking_back = Alone("kick"), Alone("look back")


def on_commit() -> None:
    """Once for each transaction, however much it wrote."""
    if _kick not in {entry[1] for entry in connection.run_on_commit}:
        transaction.on_commit(_kick, robust=True)


def _kick() -> None:
    if settings.SAFETY_KICKS:
        _waking.ask(_wake)
        _looking_back.ask(_look_back)


def _wake() -> None:
    from safety import tasks  # noqa: PLC0415 - tasks import the duties, which kick

    try:
        tasks.run_due.apply_async(retry=False, expires=10)
    except Exception as away:
        log.warning("no broker (%s): done here", type(away).__name__)
        _work(timedelta(0))


def _look_back() -> None:
    """Every second, until what was written when this was asked for is late."""
    overdue = timedelta(seconds=POLICY.watchdog.overdue)
    for _ in range(POLICY.watchdog.overdue + 1):
        time.sleep(1)
        _work(overdue)


def _work(overdue: timedelta) -> None:
    from safety import tasks  # noqa: PLC0415 - tasks import the duties, which kick

    try:
        tasks.work(overdue)
    except Exception as failed:
        log.warning("not done here: %s", type(failed).__name__)
    finally:
        connection.close()
