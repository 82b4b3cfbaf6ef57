"""`manage.py detect`: JSON Lines in, JSON Lines out, what the gate thinks of each.

For measuring and for other programs. Keeps nothing; a line that cannot be read stops it
with its number, never with its text.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from safety import gate
from safety.verdict import AgeBand, Label, Line, Speaker, Subject, Verdict

NOBODY = UUID(int=0)


class Command(BaseCommand):
    help = (
        'Reads {"text", "speaker": "user"|"model", "context": [{"speaker", "text"}],'
        ' "profile": {"age_band", "region"}} a line, and writes {"tier", "labels",'
        ' "action", "ms"} a line.'
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for answer in answers(sys.stdin):
            self.stdout.write(json.dumps(answer, ensure_ascii=False))


def answers(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = _asked(json.loads(line))
        except (AttributeError, KeyError, TypeError, ValueError) as broken:
            kind = type(broken).__name__
            raise CommandError(f"line {number} is not understood ({kind})") from None
        begun = time.perf_counter()
        verdict = _judged(*asked)
        yield _answer(verdict, (time.perf_counter() - begun) * 1000)


def _asked(row: dict[str, Any]) -> tuple[Line, tuple[Line, ...], Subject]:
    profile = row.get("profile") or {}
    subject = Subject(
        id=NOBODY,
        age_band=AgeBand(profile.get("age_band", AgeBand.ADULT)),
        region=profile.get("region", ""),
        language="en",
        time_zone="UTC",
    )
    return _line(row), tuple(_line(said) for said in row.get("context") or ()), subject


def _line(row: dict[str, Any]) -> Line:
    if not isinstance(row["text"], str):
        raise TypeError
    return Line(Speaker(row.get("speaker", Speaker.USER)), row["text"])


def _judged(said: Line, before: tuple[Line, ...], subject: Subject) -> Verdict:
    if said.speaker is Speaker.MODEL:
        return gate.check_output(said.text, subject)
    return gate.check_input(said.text, subject, before=before)


def _answer(verdict: Verdict, ms: float) -> dict[str, Any]:
    hits = sorted(verdict.hits, key=lambda hit: (hit.label, hit.layer, hit.rule))
    return {
        "tier": int(verdict.tier),
        "labels": [
            {
                "label": hit.label,
                "score": round(hit.score, 4),
                "layer": hit.layer,
                "rule": hit.rule,
            }
            for hit in hits
            if Label(hit.label).is_risk
        ],
        "action": verdict.action.value,
        "ms": round(ms, 3),
    }
