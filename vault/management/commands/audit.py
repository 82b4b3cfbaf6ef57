"""`manage.py audit verify`: read the audit chains and say whether they hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault import audit
from vault.models import AuditEntry


class Command(BaseCommand):
    help = "Verify every audit chain, or the one named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["verify"])
        parser.add_argument("--chain")

    def handle(self, *args: Any, **options: Any) -> None:
        names = AuditEntry.objects.values_list("chain", flat=True).distinct()
        chains = [options["chain"]] if options["chain"] else list(names.order_by())
        try:
            entries = sum(audit.verify(chain) for chain in chains)
        except audit.ChainBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(f"{len(chains)} chains, {entries} entries: all hold.")
