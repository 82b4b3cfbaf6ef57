"""Read the stories: who writes, what is said, what must come of it. Pure.

A step that expects something the runner does not know is an error, so that no
expectation is ever passed over in silence.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "stories"
EXPECTATIONS = {
    "outcome",  # how the turn ends: done, blocked, handed_over …
    "reason",  # its reason code, such as crisis.t2
    "state",  # the dialogue state afterwards
    "asked_model",  # whether an engine was asked
    "label",  # a class that the message was given
    "rule",  # a rule that hit
    "tier",  # at least this one
    "tier_most",  # at most this one
    "incident",  # watch, high, imminent, or none
    "never",  # words that no frame may hold
    "refused",  # the code with which the message is not accepted
    "level",  # the level of dependence of the day
}


@dataclass(frozen=True, slots=True)
class Writer:
    age: int
    language: str
    region: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the person says, `hours` after the step before; `reply` is what the model
    would say; `puts_away` is how they put the card away first, or empty."""

    says: str
    expect: dict[str, Any]
    hours: float = 0.0
    reply: str = "I am here. Tell me more."
    puts_away: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    id: str
    about: str
    writer: Writer
    steps: tuple[Step, ...] = field(default=())


def all_stories(folder: Path = FOLDER) -> list[Story]:
    """Raises KeyError, TypeError or ValueError for a file that is not complete."""
    return [story for file in sorted(folder.glob("*.toml")) for story in _read(file)]


def _read(file: Path) -> Iterator[Story]:
    for entry in tomllib.loads(file.read_text("utf-8"))["story"]:
        steps = tuple(_step(step, entry["id"]) for step in entry["step"])
        writer = Writer(**entry["writer"])
        yield Story(entry["id"], entry["about"], writer, steps)


def _step(entry: dict[str, Any], story: str) -> Step:
    step = Step(**entry)
    if not step.expect:
        raise ValueError(f"{story}: a step expects nothing")
    if unknown := set(step.expect) - EXPECTATIONS:
        raise ValueError(f"{story}: nobody knows {sorted(unknown)}")
    return step
