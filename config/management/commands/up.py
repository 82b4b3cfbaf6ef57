"""`manage.py up`: everything, in order, until Ctrl-C.

Works before there is a database: whatever needs one runs in a child process.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.failure import StartFailed
from config.site import Site
from config.supervisor import Interrupted


class Command(BaseCommand):
    help = "Starts the whole site and keeps it running until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site(say=self._say)
        try:
            site.start()
            site.watch()
        except Interrupted:
            pass
        except StartFailed as failed:
            raise CommandError(str(failed)) from failed
        finally:
            self._say("Stopping.")
            site.stop()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
