"""Makes the demo cast and prints their passwords, new ones each time."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from guardians import demo


class Command(BaseCommand):
    help = "Makes Ada, Gil, Mina, Wen and Otto, past the gate, and prints passwords."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "The demo cast has printed passwords: not in production."
            )
        cast = demo.make_cast(timezone.now())
        if options["json"]:
            people = [{"email": e, "password": p} for e, p in cast.items()]
            self.stdout.write(json.dumps(people))
            return
        for email, password in cast.items():
            self.stdout.write(f"{email:<18} {password}")
