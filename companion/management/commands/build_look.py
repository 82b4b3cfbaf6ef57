"""`manage.py build_look FOLDER`: fit the closer look again.

Shows the default model what teaches, some eleven thousand pieces and 40 minutes of two
cores; what it has shown is kept in the state folder, so that a run that was interrupted
goes on. Public sets lie in FOLDER, as for build_heads, and the heads come first.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from numpy.typing import NDArray

from companion.engine import catalogue
from companion.engine.catalogue import Entry
from companion.engine.main import threads
from companion.look import request
from companion.look_reader import TOKENS, Reader, kept_scores
from safety.heads import corpus, training
from safety.heads.coefficients import as_bytes
from safety.heads.coefficients import coefficients as known_heads
from safety.heads.encoder import Vectors, encoder
from safety.heads.material import Material, material
from safety.heads.table import Meaning, meanings
from safety.look import training as looks
from safety.look.coefficients import FILE, numbers_file, sum_file
from safety.look.corpus import chosen
from safety.look.questions import fingerprint
from safety.look.training import Fitted, Shown
from safety.verdict import Speaker

KEPT = "look_scores.npz"


class Command(BaseCommand):
    help = "Fits the closer look from what the default model makes of what teaches."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        state = settings.EVALUATION_FILE.parent
        parser.add_argument("--kept", type=Path, default=state, help="a folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = material(corpus.rows(options["folder"]), encoder())
        except FileNotFoundError as missing:
            raise CommandError(f"{missing.filename} is missing") from None
        asked = [meanings()[label] for label in looks.shares()]
        crossed = training.cross_scores(asked, known)
        entry = catalogue.entries()[0]
        shown = {}
        for speaker in Speaker:
            places = _places(speaker, known, asked, crossed)
            pieces = [known.parts[at] for at in places]
            scores = self._scores(speaker, pieces, entry, options["kept"])
            shown[speaker] = Shown(places, scores)
        fitted = dict(self._fitted(asked, known, shown, crossed))
        write(entry.name, fitted, shown)

    def _scores(
        self, speaker: Speaker, pieces: list[str], entry: Entry, folder: Path
    ) -> Vectors:
        tokens = TOKENS.tolist()
        return kept_scores(
            folder / f"{speaker.value}_{KEPT}",
            texts=pieces,
            ask=lambda piece: request(speaker, piece, tokens),
            question=f"{fingerprint()} {entry.sha256}",
            reader=lambda: Reader(entry.path, threads()),
            say=lambda line: self.stdout.write(f"{speaker.value}: {line}"),
        )

    def _fitted(
        self,
        asked: list[Meaning],
        known: Material,
        shown: dict[Speaker, Shown],
        crossed: dict[str, Vectors],
    ) -> Iterator[tuple[str, Fitted]]:
        for speaker in Speaker:
            ours = [one for one in asked if one.speaker is speaker]
            found = looks.fit_all(ours, known, shown[speaker], crossed, _strict())
            for label, look in found:
                told = " ".join(f"{k} {v:.3f}" for k, v in look.shown.items())
                self.stdout.write(f"{label:20} {told}")
                yield label, look


def _strict() -> dict[str, float]:
    """The thresholds of the heads that ship."""
    heads = known_heads(encoder())
    return dict(zip(heads.labels, map(float, heads.strict), strict=True))


def _places(
    speaker: Speaker,
    known: Material,
    asked: list[Meaning],
    crossed: dict[str, Vectors],
) -> NDArray[np.intp]:
    doubted = np.zeros(len(known.parts), dtype=np.bool_)
    for one in asked:
        if one.speaker is speaker:
            doubt = looks.doubts(one, known, crossed[one.label])
            doubted |= crossed[one.label] >= doubt
    return chosen(speaker, known, doubted)


def write(
    model: str,
    fitted: dict[str, Fitted],
    shown: dict[Speaker, Shown],
    file: Path = FILE,
) -> None:
    labels = {
        who: [one for one in fitted if meanings()[one].speaker is who]
        for who in Speaker
    }
    middles = [np.append(looks.usual(shown[who].scores), [0, 0]) for who in Speaker]
    every = [fitted[label].weights for who in Speaker for label in labels[who]]
    numbers = as_bytes(np.array([*middles, *every], dtype=np.float32))
    numbers_file(file).write_bytes(numbers)
    table = {
        "model": model,
        "questions": fingerprint(),
        "numbers": hashlib.sha256(numbers).hexdigest(),
        "labels": {who.value: said for who, said in labels.items()},
        "tokens": TOKENS.tolist(),
        "limits": {label: one.limits.as_table() for label, one in fitted.items()},
        "cross_validation": {label: one.shown for label, one in fitted.items()},
    }
    lines = (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in table.items())
    raw = ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")
    file.write_bytes(raw)
    sum_file(file).write_text(hashlib.sha256(raw).hexdigest() + "\n", "ascii")
