"""Patterns that cannot blow up: RE2 alone, whose time grows with the text and no more.

No look-around and no back-reference exists; what must not follow is said by a longer
pattern in `but_not`. Never the standard library's `re` on what people write.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import re2

from safety.fold.tables import HAN, SOUND


class Match(Protocol):
    def span(self) -> tuple[int, int]: ...


class Pattern(Protocol):
    """What is used of a compiled RE2 pattern; texts are bytes, and so are places."""

    pattern: str

    def search(self, text: bytes) -> Match | None: ...
    def fullmatch(self, text: bytes) -> Match | None: ...
    def finditer(self, text: bytes) -> Iterator[Match]: ...


MOST_BYTES = 1 << 20  # of one compiled pattern; a bigger one is refused
# Patterns in one filter. RE2 gives a filter a fixed memory for the states it has met;
# with many more patterns it forgets them all the time and takes three times as long.
MOST_TOGETHER = 100


class BadPattern(ValueError):
    """What RE2 says about a pattern, in words for whoever wrote it."""


def _options() -> re2.Options:
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    options.max_mem = MOST_BYTES
    return options


OPTIONS = _options()


def compiled(pattern: str, words: Mapping[str, str] | None = None) -> Pattern:
    """Raises `BadPattern`. A name in angle brackets is one of the `words`."""
    try:
        return cast(Pattern, re2.compile(worded(pattern, words or {}), OPTIONS))
    except re2.error as refused:
        reason = refused.args[0]
        said = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise BadPattern(f"{said} in {pattern}") from None


def worded(pattern: str, words: Mapping[str, str]) -> str:
    """Names become what they mean; a word may name the words that stand before it."""
    for name in reversed(tuple(words)):
        pattern = pattern.replace(f"<{name}>", f"(?:{words[name]})")
    return pattern.replace("<han>", f"[{HAN}]")


def by_sound(pattern: str) -> str:
    """The same pattern for a text that is read by its sound."""
    return pattern.translate(SOUND)


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which of many patterns may match a text at all, by the letters that they need."""

    filters: tuple[Any, ...]

    def may_match(self, text: bytes) -> list[int]:
        """Their places in the order in which they were given."""
        return [
            block * MOST_TOGETHER + place
            for block, one in enumerate(self.filters)
            for place in one.Match(text, potential=True) or ()
        ]


def sieve(patterns: Iterable[Pattern]) -> Sieve | None:
    """None where there is nothing to sift."""
    chosen = list(patterns)
    starts = range(0, len(chosen), MOST_TOGETHER)
    filters = tuple(_filter(chosen[at : at + MOST_TOGETHER]) for at in starts)
    return Sieve(filters) if filters else None


def _filter(patterns: Iterable[Pattern]) -> Any:
    chosen = re2.Filter()
    for pattern in patterns:
        chosen.Add(pattern.pattern, OPTIONS)
    chosen.Compile()
    return chosen
