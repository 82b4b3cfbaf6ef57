"""Reads the text that servers show to Prometheus: numbers by name.

Passes over whatever it cannot read; never raises for it.
"""

import math
import re

SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{.*\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?\s*")


def read(text: str) -> dict[str, float]:
    """Samples of one name under different labels are added together."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if sample := SAMPLE.fullmatch(line):
            value = _number(sample[2])
            if value is not None:
                found[sample[1]] = found.get(sample[1], 0.0) + value
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
