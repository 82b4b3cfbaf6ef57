"""The Celery application.

Tasks carry ids, never text; a deadline is a row in PostgreSQL and never an
eta or countdown (design: duties survive the loss of the whole broker).
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("companion")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
