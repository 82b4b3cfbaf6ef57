"""Celery entry points of safety: call and note the pulse. No arguments, so no text."""

import os
import socket

from celery import shared_task

from safety import deliveries, duties, heartbeats

PROCESS = f"{socket.gethostname()}:{os.getpid()}"


@shared_task(ignore_result=True)
def run_due() -> None:
    """By beat every two seconds, and on commit of whatever is due now."""
    heartbeats.beat(kind=heartbeats.CELERY, process=PROCESS)
    work()


def work() -> None:
    """Duties first: they write what is to be sent."""
    duties.run_due()
    deliveries.send_due()
