"""`manage.py compliance`: the state of every obligation, and whether that holds.

Without an option a table; `--write` makes COMPLIANCE.md, `--check` proves it.
"""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import discovery, document, proofs, report
from compliance.register import register

FILE = "COMPLIANCE.md"


class Command(BaseCommand):
    help = "Prints, writes or checks the state of every obligation."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.add_argument("--write", action="store_true", help=f"write {FILE}")
        parser.add_argument(
            "--check", action="store_true", help="fail when anything does not hold"
        )
        parser.add_argument(
            "--results", type=Path, help="the folder that the tests wrote"
        )
        parser.add_argument(
            "--root", type=Path, default=settings.BASE_DIR, help="the project's folder"
        )

    def handle(
        self,
        *,
        json: bool,
        write: bool,
        check: bool,
        results: Path | None,
        root: Path,
        **options: object,
    ) -> None:
        claims, tests = discovery.claims(), proofs.marked_tests(root)
        shown = report.build(register(), claims, tests, _ended(results))
        wrong = report.problems(shown, claims, tests, root)
        text = document.markdown(report.build(register(), claims, tests))
        if write and not wrong:
            (root / FILE).write_text(text, "utf-8")
        if check and not _is_fresh(root, text):
            wrong.append(f"{FILE} is stale: run 'manage.py compliance --write'")
        if wrong and (write or check):
            raise CommandError("\n".join(wrong))
        self.stdout.write(_json(shown) if json else _table(shown))


def _ended(results: Path | None) -> report.Results | None:
    if results is None:
        return None
    if not results.is_dir():
        raise CommandError(f"{results} is not a folder")
    return proofs.outcomes(results)


def _is_fresh(root: Path, text: str) -> bool:
    path = root / FILE
    return path.is_file() and path.read_text("utf-8") == text


def _json(shown: report.Report) -> str:
    return json.dumps(document.as_json(shown), ensure_ascii=False, indent=1)


def _table(shown: report.Report) -> str:
    lines = [_line(entry) for entry in shown.entries]
    counts = ", ".join(f"{shown.count(state)} {state}" for state in report.State)
    return "\n".join([*lines, "", f"{len(shown.entries)} rows: {counts}"])


def _line(entry: report.Entry) -> str:
    """Id, state, title; then how the tests ended, where that is known."""
    ended = sorted({proof.outcome for proof in entry.proofs if proof.outcome})
    tests = f"{len(entry.proofs)} tests" if entry.proofs else ""
    told = " ".join([tests, *(outcome.replace("_", " ") for outcome in ended)])
    return (
        f"{entry.row.id:<10} {entry.state:<7} {entry.row.title.en:<55} {told}".strip()
    )
