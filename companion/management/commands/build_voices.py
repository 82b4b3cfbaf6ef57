"""`manage.py build_voices`: the numbers of every persona's voice bank, the same bytes.

Refuses a bank or a line that breaks the rules for what a companion may say, and says
where. Needs no database.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from companion.personas import FOLDER, all_personas
from companion.voice_bank.bank import build, wordings
from companion.voice_bank.lines import read
from safety.linter import lint


class Command(BaseCommand):
    help = "Makes the numbers by which the voice banks are looked up."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for who in all_personas().values():
            for file in sorted((FOLDER / who.slug).glob("lines.*.txt")):
                refuse(complaints_of_lines(file, who.category))
            for file in sorted((FOLDER / who.slug).glob("bank.*.txt")):
                refuse(complaints(file, who.category))
                self.stdout.write(f"{who.slug}/{file.name}: {build(file)} wordings")


def refuse(found: Iterator[str]) -> None:
    if wrong := list(found):
        raise CommandError("\n".join(wrong))


def complaints(file: Path, category: str) -> Iterator[str]:
    """What is wrong with the replies, each with its file and line."""
    for reply, number in {one.reply: one.number for one in wordings(file)}.items():
        for found in lint(reply, category=category):
            yield f"{file.name}, exchange at {number}: {found.reason} ({found.rule})"


def complaints_of_lines(file: Path, category: str) -> Iterator[str]:
    """What is wrong with a persona's lines for kinds of first messages."""
    for kind, said in read(file).items():
        for line in said:
            for found in lint(line, category=category):
                yield f"{file.name}, {kind}: “{line}” {found.reason} ({found.rule})"
