"""The numbers that `manage.py build_heads` wrote: read once, checked, frozen.

Raises when the file is missing, changed or made for another encoder or other cues: a
head that cannot be trusted is a layer that failed.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.heads.encoder import Encoder, Vectors
from safety.heads.features import NAMES, features

FILE = Path(__file__).with_name("coefficients.json")
PROBE = "How are you today? 你今天好吗？"


class CoefficientsBroken(Exception):
    """The file does not belong to what runs here."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Row i of `weights` is the head of `labels[i]`."""

    version: str
    labels: tuple[str, ...]
    weights: Vectors
    lower: NDArray[np.float64]
    strict: NDArray[np.float64]


def sum_file(file: Path = FILE) -> Path:
    return file.with_suffix(".sha256")


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
    return Coefficients(
        version=f"heads-{digest[:10]}",
        labels=tuple(rows),
        weights=np.array([row["weights"] for row in rows.values()]),
        lower=np.array([row["lower"] for row in rows.values()]),
        strict=np.array([row["strict"] for row in rows.values()]),
    )
