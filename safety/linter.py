"""The persona linter: what no companion may be written as, line by line (CN-07, CN-18,
CN-23, US-WA). The same rules that read a model, and a few on who a persona is.

Pure: a text in, complaints out. Knows no persona file; `companion` calls it at start.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safety.fold import plainly
from safety.rules import detect, rule_set
from safety.rules.patterns import Pattern, compiled
from safety.verdict import Action, AgeBand, Speaker

FILE = Path(__file__).with_name("linter.toml")
CATEGORIES = ("friend", "mentor", "storyteller", "partner", "relative")
BANDS = (AgeBand.ADULT, AgeBand.AGE_14_15, AgeBand.SENIOR)


@dataclass(frozen=True, slots=True)
class Complaint:
    """`line` counts from one; `rule` is what it offends; `quote` are the words."""

    line: int
    rule: str
    reason: str
    quote: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason} ({self.rule}): “{self.quote}”"


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a persona may not be told to be or to do."""

    id: str
    reason: str
    categories: frozenset[str]
    patterns: tuple[Pattern, ...]
    but_not: tuple[Pattern, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]


def lint(text: str, *, category: str) -> list[Complaint]:
    """Everything that is wrong with the words of a persona, in the order of lines.
    What is forbidden stays so in every category."""
    if category not in CATEGORIES:
        return [Complaint(1, "category", "this category does not exist", category)]
    return [
        complaint
        for number, line in enumerate(text.splitlines(), start=1)
        for complaint in _of_line(number, line, category)
    ]


def _of_line(number: int, line: str, category: str) -> Iterator[Complaint]:
    for rule in _said_by_a_model(line):
        yield Complaint(number, rule, "a companion may not say this", line.strip())
    folded = plainly(line).encode()
    for one in instructions():
        if category in one.categories and _offends(one, folded):
            yield Complaint(number, one.id, one.reason, line.strip())


def _said_by_a_model(line: str) -> list[str]:
    rules = rule_set().of(Speaker.MODEL)
    hits = (hit for band in BANDS for hit in detect(line, rules, band))
    return sorted({hit.rule for hit in hits if hit.action is Action.BLOCK})


def _offends(one: Instruction, line: bytes) -> bool:
    harmless = [m.span() for p in one.but_not for m in p.finditer(line)]
    ends = (m.span()[1] for p in one.patterns for m in p.finditer(line))
    return any(not any(a < end <= b for a, b in harmless) for end in ends)


@cache
def instructions() -> tuple[Instruction, ...]:
    table = tomllib.loads(FILE.read_text("utf-8"))
    return tuple(_instruction(entry) for entry in table["rule"])


def _instruction(entry: dict[str, Any]) -> Instruction:
    return Instruction(
        id=entry["id"],
        reason=entry["reason"],
        categories=frozenset(entry.get("categories", CATEGORIES)),
        patterns=tuple(compiled(p) for p in entry["patterns"]),
        but_not=tuple(compiled(p) for p in entry.get("but_not", ())),
        hits=tuple(entry["hits"]),
        misses=tuple(entry["misses"]),
    )
