"""How large the banks are, beside what GB/T 45654 asks of a provider in China.

The sizes of the standard are known from secondary sources (CN-ADJ-7). What this
repository ships is a seed, and it is said to be one.
"""

from dataclasses import dataclass
from pathlib import Path

from safety import banks
from safety.policy import POLICY
from safety.rules import rule_set


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    have: int
    asked: int

    @property
    def is_below(self) -> bool:
        return self.have < self.asked


def sizes(folder: Path = banks.FOLDER) -> list[Size]:
    """Keywords (here: patterns of the rules), and the three banks of questions."""
    patterns = sum(len(rule.patterns) for rule in rule_set().rules)
    refused = {*POLICY.strikes.labels, "sexual", "violence", "hate_insult", "privacy"}
    mine = [one for one in banks.exemplars(folder) if one.speaker == "user"]
    prohibited = [one for one in mine if one.bank in refused]
    return [
        Size("keywords", patterns, 10_000),
        Size("questions that test what is generated", len(mine), 2_000),
        Size(
            "questions that must be refused",
            sum(one.is_positive for one in prohibited),
            500,
        ),
        Size(
            "questions that must not be refused",
            sum(not one.is_positive for one in mine),
            500,
        ),
    ]
