"""Celery entry points of safety: call and note the pulse. No arguments, so no text."""

import os
import socket
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from safety import duties, heartbeats, observing, sending

LIMIT = 100
PROCESS = f"{socket.gethostname()}:{os.getpid()}"


@shared_task(ignore_result=True)
def run_due() -> None:
    """By beat every two seconds, and on commit of whatever is due now."""
    heartbeats.beat(kind=heartbeats.CELERY, process=PROCESS)
    work()


@shared_task(ignore_result=True)
def forget_old() -> None:
    """What no rule reads any more: signs and minutes of more than thirty days ago."""
    observing.forget_old(now=timezone.now())


def work(overdue: timedelta = timedelta(0)) -> int:
    """In turns, so that under load no notice waits until every duty is done. Who had
    to do a late duty may be alone: what it wrote does not wait to be late as well.
    Returns how much there was."""
    for done in range(LIMIT):
        duty = duties.run_due(limit=1, overdue=overdue)
        wait = timedelta(0) if duty else overdue
        if not sending.send_due(limit=1, overdue=wait) + duty:
            return done
    return LIMIT
