"""The Celery application.

Tasks carry ids, never text; a deadline is a row in PostgreSQL and never an
eta or countdown (design: duties survive the loss of the whole broker).
"""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("companion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def warm_up(**kwargs: object) -> None:
    """Reads the providers of notices once, so that the first notice does not wait for
    the seconds that this takes."""
    from safety.channels import by_apprise  # noqa: PLC0415 - needs the apps

    by_apprise.warm_up()
