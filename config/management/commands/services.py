"""`manage.py services`: PostgreSQL and Valkey alone, in the foreground, for tests.

Prints one JSON line with DATABASE_URL and REDIS_URL when both answer.
"""

import json
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import home
from config.embedded import servers
from config.failure import StartFailed
from config.supervisor import Interrupted, Supervisor


class Command(BaseCommand):
    help = "Runs the embedded PostgreSQL and Valkey until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor(logs=home.home() / "logs", say=self.stderr.write)
        supervisor.catch_signals()
        try:
            with suppress(Interrupted):
                named = dict(servers.start(supervisor))
                self.stdout.write(json.dumps(named))
                self.stdout.flush()
                supervisor.watch()
        except StartFailed as failed:
            raise CommandError(str(failed)) from failed
        finally:
            supervisor.stop()
