"""`manage.py build_kinds`: learn again what first messages are about.

Shows the default model every message that teaches, some twelve thousand and 20 minutes
of two cores; what it has shown is kept in the state folder. Needs no database.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from companion.engine import catalogue
from companion.engine.main import threads
from companion.first_line import request
from companion.look_reader import TOKENS, Reader, kept_scores
from companion.voice_bank import teaching
from companion.voice_bank.kinds import FILE, fingerprint, numbers_of, question
from companion.voice_bank.teaching import Taught
from safety.heads.coefficients import as_bytes
from safety.heads.encoder import encoder

KEPT = "kind_scores.npz"


class Command(BaseCommand):
    help = "Learns again what first messages are about."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        state = settings.EVALUATION_FILE.parent
        parser.add_argument("--kept", type=Path, default=state, help="a folder")

    def handle(self, *args: Any, **options: Any) -> None:
        known = list(teaching.rows())
        entry = catalogue.entries()[0]
        scores = kept_scores(
            options["kept"] / KEPT,
            texts=[row.said for row in known],
            ask=lambda said: request(said, TOKENS.tolist()),
            question=f"{fingerprint()} {entry.sha256}",
            reader=lambda: Reader(entry.path, threads()),
            say=self.stdout.write,
        )
        numbers = numbers_of([row.said for row in known], scores)
        found = teaching.taught(known, numbers, question())
        write(entry.name, found)
        self.stdout.write(f"{len(known)} messages; in cross-validation {found.figures}")


def write(model: str, found: Taught, file: Path = FILE) -> None:
    usual = np.append(found.usual, 0)
    numbers = as_bytes(np.vstack([usual, found.weights]).astype(np.float16))
    file.with_suffix(".npy").write_bytes(numbers)
    table = {
        "model": model,
        "encoder": encoder().identity,
        "question": fingerprint(),
        "numbers": hashlib.sha256(numbers).hexdigest(),
        "tokens": TOKENS.tolist(),
        "limits": asdict(found.limits),
        "cross_validation": found.figures,
    }
    lines = (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in table.items())
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "ascii")
