"""Makes the demo cast and prints their passwords, new ones each time."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from guardians import demo


class Command(BaseCommand):
    help = "Makes Ada, Gil, Mina, Wen and Otto, past the gate, and prints passwords."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "The demo cast has printed passwords: not in production."
            )
        for email, password in demo.make_cast(timezone.now()).items():
            self.stdout.write(f"{email:<18} {password}")
