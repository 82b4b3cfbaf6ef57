"""Engines that can change their model, and what the audit chain holds of it."""

from contextlib import contextmanager

from django.utils import timezone

from companion import services
from companion.engine import catalogue
from companion.engine.runner import Runner
from companion.engine.scripted import Scripted
from companion.engine.server import app_for
from tests.companion.engine.served import listening, wait_for
from vault import audit
from vault.models import AuditEntry

FIRST, SECOND, BROKEN = (known.name for known in catalogue.entries()[:3])


def found(name):
    def broken():
        raise ValueError("the sha256 is another one")

    return broken if name == BROKEN else lambda: Scripted(name=name, delay=0)


@contextmanager
def engine_at(path, find=found):
    runner = Runner(lambda: Scripted(name=FIRST, delay=0), name=FIRST)
    runner.start()
    wait_for(lambda: runner.status == "ok")
    try:
        with listening(app_for(runner, find=find), path) as url:
            yield url
            runner.close()
    finally:
        runner.close()


def chain(user):
    """What was noted of engines, in order: by whom, what, and its facts."""
    audit.verify(user.id)
    rows = AuditEntry.objects.filter(chain=str(user.id), act__startswith="engine.")
    return [(row.actor, row.act, row.facts) for row in rows.order_by("seq")]


def begin(by, engine, model=SECOND):
    return services.begin_switch(by=by, engine=engine, model=model, now=timezone.now())
