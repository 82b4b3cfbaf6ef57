"""Wakes those who do duties as soon as a transaction that wrote some is committed.

Only an accelerator: beat and the watchdog find every due row without it. While the
broker is away the process that wrote the rows does what is due itself, in a thread of
its own, so that nobody waits for it.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.db import connection, transaction

log = logging.getLogger(__name__)
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kick")
_kicks: list[Future[None]] = []  # at most one that has not begun


def on_commit() -> None:
    """Once for each transaction, however much it wrote."""
    waiting = {entry[1] for entry in connection.run_on_commit}
    if _kick not in waiting:
        transaction.on_commit(_kick, robust=True)


def _kick() -> None:
    if not settings.SAFETY_KICKS:
        return
    if _kicks and not (_kicks[0].running() or _kicks[0].done()):
        return
    _kicks[:] = [_thread.submit(_wake)]


def _wake() -> None:
    from safety import tasks  # noqa: PLC0415 - tasks import the duties, which kick

    try:
        tasks.run_due.apply_async(retry=False, expires=10)
    except Exception as away:
        log.warning("no broker (%s): done here", type(away).__name__)
        tasks.work()
        connection.close()
