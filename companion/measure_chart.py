"""A measure as a picture of plain shapes: each incident at its time, seconds upwards on
a scale of powers of ten. Nothing is drawn by a script.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10

from safety.measures import Measure, Value

WIDTH, HEIGHT, MARGIN = 640, 150, 30
LEAST, MOST = 0.1, 10_000.0  # seconds at the foot and at the head of the picture
LINES = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))


@dataclass(frozen=True, slots=True)
class Mark:
    """`shape` is fine, missed, or never: told apart by form before colour."""

    x: float
    y: float
    shape: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    marks: list[Mark]
    lines: list[tuple[float, str]]
    goal: float
    width: int = WIDTH
    height: int = HEIGHT


def of(measure: Measure, begins: datetime, period: timedelta) -> Chart:
    return Chart(
        marks=[_mark(value, begins, period) for value in measure.values],
        lines=[(_height(seconds), label) for seconds, label in LINES],
        goal=_height(measure.goal),
    )


def _mark(value: Value, begins: datetime, period: timedelta) -> Mark:
    part = min(1.0, max(0.0, (value.at - begins) / period))
    x = round(MARGIN + part * (WIDTH - 2 * MARGIN), 1)
    title = f"{value.code} · {value.at:%Y-%m-%d %H:%M}"
    if value.seconds is None:
        return Mark(x, 8.0, "never", title)
    shape = "missed" if value.missed else "fine"
    return Mark(x, _height(value.seconds), shape, f"{title} · {value.seconds:.1f} s")


def _height(seconds: float) -> float:
    """From the head: the longer the wait, the higher the mark."""
    held = min(MOST, max(LEAST, seconds))
    part = (log10(held) - log10(LEAST)) / (log10(MOST) - log10(LEAST))
    return round((HEIGHT - 12) - part * (HEIGHT - 24), 1)
