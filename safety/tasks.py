"""Celery entry points of safety: call and note the pulse. No arguments, so no text."""

import os
import socket
from datetime import timedelta

from celery import shared_task

from safety import deliveries, duties, heartbeats

LIMIT = 100
PROCESS = f"{socket.gethostname()}:{os.getpid()}"


@shared_task(ignore_result=True)
def run_due() -> None:
    """By beat every two seconds, and on commit of whatever is due now."""
    heartbeats.beat(kind=heartbeats.CELERY, process=PROCESS)
    work()


def work(overdue: timedelta = timedelta(0)) -> int:
    """In turns, so that under load no notice waits until every duty is done. Returns
    how much there was."""
    for done in range(LIMIT):
        duty = duties.run_due(limit=1, overdue=overdue)
        if not deliveries.send_due(limit=1, overdue=overdue) + duty:
            return done
    return LIMIT
