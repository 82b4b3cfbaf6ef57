"""The numbers that `manage.py build_heads` wrote: read once, checked, frozen.

Raises when a file is missing, changed or made for another encoder or other cues: a
head that cannot be trusted is a layer that failed.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safety.heads.encoder import Encoder, Vectors
from safety.heads.features import NAMES, features
from safety.heads.grams import CELLS

FILE = Path(__file__).with_name("coefficients.json")
PROBE = "How are you today? 你今天好吗？"


class CoefficientsBroken(Exception):
    """The file does not belong to what runs here."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Row i of `weights` is the head of `labels[i]`, column i of `runs` its weights of
    runs of words (`safety.heads.grams`)."""

    version: str
    labels: tuple[str, ...]
    weights: Vectors
    runs: NDArray[np.float32]
    lower: NDArray[np.float64]
    strict: NDArray[np.float64]


def sum_file(file: Path = FILE) -> Path:
    return file.with_suffix(".sha256")


def runs_file(file: Path = FILE) -> Path:
    """Small whole numbers, one row a head; `grain` in the table is their unit."""
    return file.with_suffix(".npy")


def as_bytes(numbers: NDArray[Any]) -> bytes:
    """What stands in the file of an array."""
    kept = BytesIO()
    np.save(kept, numbers, allow_pickle=False)
    return kept.getvalue()


def probe(encoder: Encoder) -> list[float]:
    """The first numbers of one sentence: another encoder gives others."""
    return [round(float(x), 3) for x in features([PROBE], encoder)[0, :8]]


@cache
def coefficients(encoder: Encoder, file: Path = FILE) -> Coefficients:
    raw = file.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if digest != sum_file(file).read_text("ascii").strip():
        raise CoefficientsBroken("the file of coefficients was changed")
    table = json.loads(raw)
    if table["encoder"] != encoder.identity or table["cues"] != list(NAMES):
        raise CoefficientsBroken("the coefficients belong to another encoder")
    if not np.allclose(table["probe"], probe(encoder), atol=0.02):
        raise CoefficientsBroken("the encoder gives other numbers than it did")
    rows = table["heads"]
    kept = runs_file(file).read_bytes()
    if hashlib.sha256(kept).hexdigest() != table["runs"]:
        raise CoefficientsBroken("the file of runs was changed")
    runs = np.load(BytesIO(kept), allow_pickle=False)
    if runs.shape != (len(rows), CELLS):
        raise CoefficientsBroken("the runs do not fit the heads")
    grains = np.array([[row["grain"]] for row in rows.values()])
    return Coefficients(
        version=f"heads-{digest[:10]}",
        labels=tuple(rows),
        weights=np.array([row["weights"] for row in rows.values()]),
        runs=np.ascontiguousarray((runs * grains).T, dtype=np.float32),
        lower=np.array([row["lower"] for row in rows.values()]),
        strict=np.array([row["strict"] for row in rows.values()]),
    )
