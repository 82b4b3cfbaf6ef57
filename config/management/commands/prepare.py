"""`manage.py prepare`: all that needs the database before the site serves.

One process for all of it, so that a start pays for Django once. Prints what the
person at the terminal must see: the first operator's link, the demo cast.
"""

import io
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Migrates, and makes the first operator (and the demo cast) if missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="the demo cast too")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", stdout=io.StringIO())
        call_command("migrate", interactive=False, verbosity=0)
        call_command("first_operator", stdout=self.stdout)
        if options["demo"]:
            self.stdout.write("\nThe demo cast and their passwords:")
            call_command("demo", stdout=self.stdout)
