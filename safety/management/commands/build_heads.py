"""`manage.py build_heads FOLDER`: fit the semantic heads again, the same bytes.

Reads the banks, the lessons and the public sets in FOLDER, writes the coefficients,
their sha256 and what cross-validation says of them. Needs no database.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from safety.heads import corpus, training
from safety.heads.coefficients import FILE, as_bytes, probe, runs_file, sum_file
from safety.heads.encoder import Encoder, encoder
from safety.heads.features import NAMES
from safety.heads.material import material
from safety.heads.table import meanings
from safety.heads.training import Fitted


class Command(BaseCommand):
    help = "Fits the semantic heads from the banks and the public sets in a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--only", nargs="*", default=[], help="show, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = corpus.rows(options["folder"])
        except FileNotFoundError as missing:
            raise CommandError(f"{missing.filename} is missing") from None
        known = material(rows, encoder())
        self.stdout.write(f"{len(rows)} texts in {len(known.parts)} pieces")
        asked = options["only"] or list(meanings())
        fitted: dict[str, Fitted] = {}
        for label, head in training.fit_all([meanings()[one] for one in asked], known):
            fitted[label] = head
            self.stdout.write(f"{label:20} {_shown(head)}")
        if not options["only"]:
            write(fitted, encoder())


def write(fitted: dict[str, Fitted], made_with: Encoder, file: Path = FILE) -> None:
    runs = as_bytes(np.array([one.runs for one in fitted.values()], dtype=np.int8))
    runs_file(file).write_bytes(runs)
    head = {
        "encoder": made_with.identity,
        "cues": list(NAMES),
        "probe": probe(made_with),
        "runs": hashlib.sha256(runs).hexdigest(),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    heads = ",\n".join(
        f"{json.dumps(label)}: {json.dumps(_row(one))}" for label, one in fitted.items()
    )
    text = "{\n" + ",\n".join([*lines, f'"heads": {{\n{heads}\n}}']) + "\n}\n"
    raw = text.encode("ascii")
    file.write_bytes(raw)
    sum_file(file).write_text(hashlib.sha256(raw).hexdigest() + "\n", "ascii")


def _row(one: Fitted) -> dict[str, Any]:
    return {
        "lower": one.lower,
        "strict": one.strict,
        "grain": one.grain,
        "cross_validation": one.shown,
        "weights": [float(weight) for weight in one.weights],
    }


def _shown(one: Fitted) -> str:
    return " ".join(f"{name} {share:.3f}" for name, share in one.shown.items())
