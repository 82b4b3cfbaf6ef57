"""`manage.py examples FILE`: sentences that were wrongly taken for something, of people
who allowed it, as JSON Lines for the banks.

Nothing else leaves a conversation this way: no name, no id, no time; each that is taken
is in its person's audit chain (CN-27).
"""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from companion.services import take_examples


class Command(BaseCommand):
    help = "Writes overturned detections, of people who allowed it, for the banks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: object) -> None:
        taken = take_examples(actor="console")
        lines = [json.dumps(one, ensure_ascii=False) for one in taken]
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        self.stdout.write(f"{len(lines)} sentences.")
