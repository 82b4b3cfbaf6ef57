"""`manage.py eval_safety`: how well the shipped detectors do, with intervals.

On the banks of this repository, and with `--data` on a folder of JSON Lines too.
Needs no database; `--check` fails where a figure is below its floor. `--scenarios`
plays written stories through the whole path of a message instead.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from companion.scenarios import stage
from safety import banks
from safety.evaluation import floors, report, samples
from safety.evaluation.measure import Result, is_explicit, measure
from safety.evaluation.samples import Sample
from safety.evaluation.sizes import sizes


class Command(BaseCommand):
    help = "Measures the detectors: recall, false positives, time; writes a report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="a folder of JSON Lines to add")
        parser.add_argument(
            "--banks", type=Path, default=banks.FOLDER, help="other banks than ours"
        )
        parser.add_argument(
            "--floors", type=Path, default=floors.FILE, help="other floors than ours"
        )
        parser.add_argument("--json", type=Path, help="write the figures here")
        parser.add_argument("--html", type=Path, help="write the page here")
        parser.add_argument(
            "--check", action="store_true", help="fail below the floors; banks only"
        )
        parser.add_argument(
            "--set-floors", action="store_true", help="write the floors anew"
        )
        parser.add_argument(
            "--scenarios",
            action="store_true",
            help="play the written stories, in a scratch database",
        )

    def handle(self, **options: Any) -> None:
        if options["check"] or options["set_floors"]:
            return self._floors(
                options["banks"], options["floors"], write=options["set_floors"]
            )
        if options["scenarios"]:
            return self._scenarios()
        result = measure(_samples(options["banks"], options["data"]))
        counted = sizes(options["banks"])
        found = report.as_data(result, counted)
        for line in report.table(result, counted):
            self.stdout.write(line)
        latest = options["json"] or settings.EVALUATION_FILE
        self._compare(found, latest)
        latest.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
        if options["html"]:
            page = render_to_string("compliance/evaluation.html", found)
            options["html"].write_text(page, "utf-8")
        return None

    def _floors(self, folder: Path, file: Path, *, write: bool) -> None:
        """The unread half of the banks against its floors."""
        result = _of_unread(folder)
        if write:
            file.write_text(floors.from_lines(result.lines), "utf-8")
        if wrong := floors.problems(floors.read(file), result.lines):
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{len(result.lines)} figures hold their floors.")

    def _scenarios(self) -> None:
        """Each story with what came otherwise than written; fails if anything did."""
        outcomes = []
        for outcome in stage.play_all():
            outcomes.append(outcome)
            word = "as written" if outcome.holds else "OTHERWISE"
            self.stdout.write(f"{word:<10}  {outcome.story}")
            for problem in outcome.problems:
                self.stdout.write(f"    {problem}")
        failed = sum(not outcome.holds for outcome in outcomes)
        if failed:
            raise CommandError(f"{failed} of {len(outcomes)} stories went otherwise.")

    def _compare(self, found: dict[str, Any], latest: Path) -> None:
        if not latest.is_file():
            return
        last = json.loads(latest.read_text("utf-8"))
        moved = report.changes(found, last)
        self.stdout.write(f"\nSince the last run ({last['version']}):")
        for line in moved or ["nothing moved"]:
            self.stdout.write(f"  {line}")


def _samples(of_banks: Path, folder: Path | None) -> Iterator[Sample]:
    yield from samples.of_banks(of_banks)
    yield from samples.of_disguises(is_explicit, of_banks)
    if folder:
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder")
        yield from samples.of_folder(folder)


def _of_unread(folder: Path) -> Result:
    every = chain(samples.of_banks(folder), samples.of_disguises(is_explicit, folder))
    return measure(sample for sample in every if sample.is_unread)
