"""Read the rule files once into compiled, frozen values.

A file that is not complete stops the process: no rule is ever left out in silence.
`user/` holds rules for what people write, `model/` for what a model says; one file a
class and language.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safety.rules.patterns import Pattern, Sieve, by_sound, compiled, sieve, worded
from safety.verdict import Action, AgeBand, Label, Speaker, Tier

FOLDER = Path(__file__).parent
FOLDERS = {Speaker.USER: "user", Speaker.MODEL: "model"}
AGES = {
    "minors": frozenset(band for band in AgeBand if band.is_minor),
    "seniors": frozenset({AgeBand.SENIOR}),
    "": frozenset(AgeBand),
}
Patterns = tuple[Pattern, ...]
Compile = Callable[[str], Pattern]


@dataclass(frozen=True, slots=True)
class Context:
    """What takes the edge off. `before` is tried on the sentence up to the hit; one of
    `nearer` closer to the hit, or in it, takes it away, and so does any `before_not`.
    `clause` and `sentence` are tried on what holds the hit; a `but_not` in the sentence
    undoes it all."""

    name: str
    before: Patterns
    nearer: Patterns
    before_not: Patterns
    clause: Patterns
    sentence: Patterns
    but_not: Patterns


@dataclass(frozen=True, slots=True)
class Rule:
    """`whole`: only a message that is nothing else counts. `but_not`: a phrase that
    holds the end of a hit takes it away. `also`: one of these must stand in the text
    too; `also_none`: none of these may. In the files `only` names ages, and `both` says
    that a model may not say it either. `hits` and `misses` are the rule's own tests."""

    id: str
    label: Label
    speakers: frozenset[Speaker]
    tier: Tier
    action: Action | None
    whole: bool
    ages: frozenset[AgeBand]
    patterns: Patterns
    but_not: Patterns
    also: Patterns
    also_none: Patterns
    unless: tuple[Context, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules with the sieve over all their patterns, and the same rules by sound."""

    rules: tuple[Rule, ...]
    owners: tuple[tuple[Rule, Pattern], ...]
    sieve: Sieve | None
    by_sound: "Rules | None" = None

    def candidates(self, text: bytes) -> dict[str, tuple[Rule, list[Pattern]]]:
        """The rules that may hit, each with those of its patterns that may match."""
        found: dict[str, tuple[Rule, list[Pattern]]] = {}
        for place in self.sieve.may_match(text) if self.sieve else ():
            rule, pattern = self.owners[place]
            found.setdefault(rule.id, (rule, []))[1].append(pattern)
        return found


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`version` changes with any byte of any rule file."""

    version: str
    rules: tuple[Rule, ...]
    spoken: Mapping[Speaker, Rules]
    alone: Mapping[str, Rules]

    def of(self, speaker: Speaker) -> Rules:
        return self.spoken[speaker]

    def only(self, rule: Rule) -> Rules:
        return self.alone[rule.id]


@cache
def rule_set(folder: Path = FOLDER) -> RuleSet:
    """Raises KeyError or ValueError for a file that is not complete, OSError for one
    that is not there."""
    files = sorted(folder.rglob("*.toml"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    shared = _table(folder / "words.toml")
    contexts = _table(folder / "contexts.toml")
    read = [
        (_entry(entry, table, speaker), shared | table.get("words", {}))
        for speaker, name in FOLDERS.items()
        for file in sorted((folder / name).glob("*.toml"))
        for table in [_table(file)]
        for entry in table["rule"]
    ]
    plain = [_rule(entry, _plain(words), contexts) for entry, words in read]
    sound = [_rule(entry, _sound(words), contexts) for entry, words in read]
    pairs = list(zip(plain, sound, strict=True))
    return RuleSet(
        version=f"rules-{digest.hexdigest()[:10]}",
        rules=tuple(plain),
        spoken={who: _of(who, pairs) for who in FOLDERS},
        alone={one.id: rules((one,), rules((other,))) for one, other in pairs},
    )


def rules(chosen: Iterable[Rule], sound: Rules | None = None) -> Rules:
    """Rules made ready for reading; a rule that is said of a whole message is read last
    and by itself."""
    known = tuple(chosen)
    owners = tuple((rule, pattern) for rule in known for pattern in rule.patterns)
    return Rules(known, owners, sieve(pattern for _rule, pattern in owners), sound)


def _of(speaker: Speaker, pairs: list[tuple[Rule, Rule]]) -> Rules:
    mine = [(one, other) for one, other in pairs if speaker in one.speakers]
    heard = [other for one, other in mine if _sounds_different(one, other)]
    return rules((one for one, _other in mine), rules(heard))


def _sounds_different(one: Rule, other: Rule) -> bool:
    return one.patterns != other.patterns and not one.whole


def _plain(words: Mapping[str, str]) -> Compile:
    return lambda pattern: compiled(pattern, words)


def _sound(words: Mapping[str, str]) -> Compile:
    return lambda pattern: compiled(by_sound(worded(pattern, words)))


def _table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _entry(
    entry: dict[str, Any], table: dict[str, Any], speaker: Speaker
) -> dict[str, Any]:
    """A rule with what its file says for all of them."""
    shared = {k: v for k, v in table.items() if k not in {"rule", "words"}}
    return shared | entry | {"speakers": frozenset({speaker})}


def _rule(entry: dict[str, Any], make: Compile, contexts: dict[str, Any]) -> Rule:
    action = entry.get("action")
    return Rule(
        id=entry["id"],
        label=Label(entry["label"]),
        speakers=frozenset(Speaker) if entry.get("both") else entry["speakers"],
        tier=Tier(entry.get("tier", 0)),
        action=Action(action) if action else None,
        whole=entry.get("whole", False),
        ages=AGES[entry.get("only", "")],
        patterns=_each(entry, "patterns", make),
        but_not=_each(entry, "but_not", make),
        also=_each(entry, "also", make),
        also_none=_each(entry, "also_none", make),
        unless=tuple(
            _context(name, contexts[name], make) for name in entry.get("unless", ())
        ),
        hits=tuple(entry["hits"]),
        misses=tuple(entry["misses"]),
    )


def _context(name: str, entry: dict[str, Any], make: Compile) -> Context:
    return Context(
        name=name,
        before=_each(entry, "before", make),
        nearer=_each(entry, "nearer", make),
        before_not=_each(entry, "before_not", make),
        clause=_each(entry, "clause", make),
        sentence=_each(entry, "sentence", make),
        but_not=_each(entry, "but_not", make),
    )


def _each(entry: dict[str, Any], key: str, make: Compile) -> Patterns:
    return tuple(make(pattern) for pattern in entry.get(key, ()))
