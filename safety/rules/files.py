"""Read the rule files once into compiled, frozen values.

A file that is not complete stops the process: no rule is ever left out in silence.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from safety.verdict import Action, Tier

FOLDER = Path(__file__).parent
CONTEXTS = FOLDER / "contexts.toml"
Direction = Literal["input", "output"]
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """`before` is tried up to the hit, `anywhere` on its sentence."""

    name: str
    before: Patterns
    anywhere: Patterns
    but_not: Patterns


@dataclass(frozen=True, slots=True)
class Rule:
    """`whole`: only a message that is nothing else counts. `also`: one of these must
    stand in the text too; `also_none`: none of these may. `hits` and `misses` are the
    rule's own tests."""

    id: str
    label: str
    direction: Direction
    tier: Tier
    action: Action | None
    whole: bool
    patterns: Patterns
    also: Patterns
    also_none: Patterns
    unless: tuple[Context, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`version` changes with any byte of any rule file."""

    version: str
    rules: tuple[Rule, ...]

    def of(self, direction: Direction) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.direction == direction)


@cache
def rule_set(folder: Path = FOLDER) -> RuleSet:
    """Raises KeyError, ValueError or re.error for a file that is not complete."""
    files = sorted(folder.glob("*.toml"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    contexts = _contexts(folder / CONTEXTS.name)
    rules = [
        _rule(entry, contexts)
        for file in files
        if file.name != CONTEXTS.name
        for entry in tomllib.loads(file.read_text("utf-8"))["rule"]
    ]
    return RuleSet(version=f"rules-{digest.hexdigest()[:10]}", rules=tuple(rules))


def _contexts(file: Path) -> dict[str, Context]:
    return {
        name: Context(
            name=name,
            before=_compiled(entry, "before"),
            anywhere=_compiled(entry, "anywhere"),
            but_not=_compiled(entry, "but_not"),
        )
        for name, entry in tomllib.loads(file.read_text("utf-8")).items()
    }


def _rule(entry: dict[str, Any], contexts: dict[str, Context]) -> Rule:
    action = entry.get("action")
    return Rule(
        id=entry["id"],
        label=entry["label"],
        direction=entry.get("direction", "input"),
        tier=Tier(entry.get("tier", 0)),
        action=Action(action) if action else None,
        whole=entry.get("whole", False),
        patterns=_compiled(entry, "patterns"),
        also=_compiled(entry, "also"),
        also_none=_compiled(entry, "also_none"),
        unless=tuple(contexts[name] for name in entry.get("unless", [])),
        hits=tuple(entry["hits"]),
        misses=tuple(entry["misses"]),
    )


def _compiled(entry: dict[str, Any], key: str) -> Patterns:
    return tuple(re.compile(pattern) for pattern in entry.get(key, []))
