"""`manage.py watchdog`: does what is late, and calls the provider."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from safety.watchdog import Watch


class Command(BaseCommand):
    help = "Watches over the duties of safety, and does those that nobody else does."
    requires_system_checks = ()  # it must start when something is wrong

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        Watch().forever()
