"""`manage.py eval_safety`: how well the shipped detectors do, with intervals.

On the banks of this repository, and with `--data` on a folder of JSON Lines too.
Needs no database; `--check` fails where a figure is below its floor. `--scenarios`
plays written stories through the whole path of a message instead.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from companion.engine import catalogue
from companion.engine.main import threads
from companion.look_reader import Looks, Reader
from companion.scenarios import stage
from safety import banks, look
from safety.evaluation import floors, report, samples
from safety.evaluation.measure import (
    Again,
    Result,
    as_it_is,
    is_explicit,
    judged,
    measure,
)
from safety.evaluation.samples import Sample
from safety.evaluation.sizes import sizes
from safety.verdict import Said, Verdict


class Command(BaseCommand):
    help = "Measures the detectors: recall, false positives, time; writes a report."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="a folder of JSON Lines to add")
        parser.add_argument(
            "--banks", type=Path, default=banks.FOLDER, help="other banks than ours"
        )
        parser.add_argument("--floors", type=Path, help="other floors than ours")
        parser.add_argument("--json", type=Path, help="write the figures here")
        parser.add_argument("--html", type=Path, help="write the page here")
        parser.add_argument(
            "--check", action="store_true", help="fail below the floors; banks only"
        )
        parser.add_argument(
            "--set-floors", action="store_true", help="write the floors anew"
        )
        parser.add_argument(
            "--look",
            action="store_true",
            help="with the closer look of the default model; takes it minutes",
        )
        parser.add_argument(
            "--unread",
            action="store_true",
            help="the unread half alone, in half the time",
        )
        parser.add_argument(
            "--scenarios",
            action="store_true",
            help="play the written stories, in a scratch database",
        )

    def handle(self, **options: Any) -> None:
        if options["scenarios"]:
            return self._scenarios()
        for_floors = options["check"] or options["set_floors"]
        source = Source(
            options["banks"],
            None if for_floors else options["data"],
            only_unread=for_floors or options["unread"],
        )
        again = _closer_look(source) if options["look"] else as_it_is
        result = measure(source.samples(again), again)
        if for_floors:
            ours = floors.LOOK if options["look"] else floors.FILE
            file = options["floors"] or ours
            return self._floors(result, file, write=options["set_floors"])
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

    def _floors(self, result: Result, file: Path, *, write: bool) -> None:
        """The unread half of the banks against its floors."""
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


@dataclass(frozen=True, slots=True)
class Source:
    """Where the sentences come from: the banks, and a folder beside them."""

    banks: Path
    folder: Path | None
    only_unread: bool

    def samples(self, again: Again) -> Iterator[Sample]:
        """Disguises of what is found in clear only."""
        return self._with_disguises(lambda clear: is_explicit(clear, again))

    def candidates(self) -> Iterator[Sample]:
        """All that may be among them, whatever is found."""
        return self._with_disguises(lambda clear: True)

    def _with_disguises(self, is_found: Callable[[Sample], bool]) -> Iterator[Sample]:
        def is_wanted(sample: Sample) -> bool:
            return sample.is_unread or not self.only_unread

        every = chain(
            samples.of_banks(self.banks),
            samples.of_disguises(lambda s: is_wanted(s) and is_found(s), self.banks),
        )
        if self.folder:
            if not self.folder.is_dir():
                raise CommandError(f"{self.folder} is not a folder")
            every = chain(every, samples.of_folder(self.folder))
        return filter(is_wanted, every)


def _closer_look(source: Source) -> Again:
    """As in a chat with the default model, which is loaded for it."""
    known = next(one for one in catalogue.entries() if one.name == look.model())
    try:
        looks = Looks(Reader(known.path, threads()))
    except ValueError as missing:
        raise CommandError(f"No closer look without the model: {missing}") from None
    asked: list[tuple[Said, Verdict]] = []

    def note(said: Said, verdict: Verdict) -> Verdict:
        asked.append((said, verdict))
        return verdict

    for sample in source.candidates():
        judged(sample, note)
    looks.show(asked)
    return looks.again
