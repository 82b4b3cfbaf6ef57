"""`manage.py keyring create|check`: root keys on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault.keyring import KeyringMissing
from vault.keys import keyring


class Command(BaseCommand):
    help = "Make the root key of this installation, or check that there is one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["create", "check", "add"])

    def handle(self, *args: Any, **options: Any) -> None:
        ring = keyring()
        if options["act"] == "create" and ring.versions():
            self.stdout.write(f"A root key is there already: {ring.folder}")
        elif options["act"] in {"create", "add"}:
            self.stdout.write(f"Root key version {ring.create()} made: {ring.folder}")
        else:
            self._check(ring)

    def _check(self, ring: Any) -> None:
        try:
            self.stdout.write(f"Root key version {ring.primary()} wraps.")
        except KeyringMissing as missing:
            raise CommandError(str(missing)) from missing
