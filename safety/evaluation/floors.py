"""Below which figures a change of rules or heads is not accepted.

The floors were set from measurement, on the unread half; a file of floors that names
something that is not measured any more does not hold.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from safety.evaluation.measure import Line

FILE = Path(__file__).parent / "floors.toml"
LOOK = Path(__file__).parent / "floors.look.toml"  # with the closer look
ROOM = 0.02  # between what was measured and its floor


@dataclass(frozen=True, slots=True)
class Floor:
    """`least` for recall, `most` for false positives; the other is None."""

    key: str
    least: float | None = None
    most: float | None = None

    def problem(self, line: Line | None) -> str:
        """What is wrong, or nothing."""
        if line is None:
            return f"{self.key}: not measured any more"
        if self.least is not None and line.rate < self.least:
            return f"{self.key}: {line.rate:.3f} is below {self.least}"
        if self.most is not None and line.rate > self.most:
            return f"{self.key}: {line.rate:.3f} is above {self.most}"
        return ""


def read(path: Path = FILE) -> list[Floor]:
    table = tomllib.loads(path.read_text("utf-8"))
    return [Floor(**entry) for entry in table["floor"]]


def problems(floors: Iterable[Floor], lines: Iterable[Line]) -> list[str]:
    measured = {line.key: line for line in lines}
    found = (floor.problem(measured.get(floor.key)) for floor in floors)
    return [problem for problem in found if problem]


def from_lines(lines: Iterable[Line]) -> str:
    """The file of floors for what was measured."""
    return HEAD + "".join(_entry(line) for line in lines if line.half == "unread")


HEAD = """\
# Below these figures nothing is accepted; set from measurement on the unread half of
# the banks (`manage.py eval_safety --set-floors`), with a little room. Raise them with
# every improvement; a lower one needs a reviewer and a reason in the commit.
"""


def _entry(line: Line) -> str:
    if line.wanted:
        bound = f"least = {max(line.rate - ROOM, 0):.2f}"
    else:
        bound = f"most = {line.rate + ROOM:.2f}"
    return f'\n[[floor]]\nkey = "{line.key}"\n{bound}\n'
