"""Chinese by its sound: a private character for each syllable.

A rule that is written in characters is read by sound when its characters are replaced
in the same way. A soft signal: only a hit in which letters stand for characters counts.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from safety.fold.tables import SOUND, SYLLABLES

FEWEST = 2  # syllables of a text that is nothing but pinyin
LONGEST = max(map(len, SYLLABLES), default=1)
_letters = re.compile(r"[a-z]+[1-5]?")
_spelled = re.compile("[\ue800-\uefff]")
APART = 0x800  # a spelled syllable, until it is known where it stands


@dataclass(frozen=True, slots=True)
class Sound:
    """`text` by its sound; `spelled` are the places that were written in letters;
    `pure` when no character was."""

    text: str
    spelled: frozenset[int]
    pure: bool


def sound(plain: str) -> Sound | None:
    """None when no part is pinyin, or when a text in letters holds other words too."""
    words = _letters.findall(plain)
    if not words or len(plain) > 2000:
        return None
    heard = plain.translate(SOUND)
    pure = heard == plain
    found = [_syllables(word) for word in words]
    if not any(found) or (pure and not _is_all_pinyin(found)):
        return None
    marked = _letters.sub(lambda hit: _apart(hit[0]), heard)
    marked = _squeezed(marked)
    spelled = frozenset(place for place, c in enumerate(marked) if _spelled.match(c))
    return Sound(
        _spelled.sub(lambda hit: chr(ord(hit[0]) - APART), marked), spelled, pure
    )


def _is_all_pinyin(found: list[tuple[str, ...]]) -> bool:
    return all(found) and sum(map(len, found)) >= FEWEST


def _apart(word: str) -> str:
    return "".join(chr(ord(c) + APART) for c in _syllables(word)) or word


def _squeezed(marked: str) -> str:
    """Without the blanks between syllables."""
    return re.sub("(?<=[\ue000-\uefff])[ '\\-]+(?=[\ue000-\uefff])", "", marked)


@lru_cache(maxsize=8192)
def _syllables(word: str) -> tuple[str, ...]:
    """The fewest syllables that the letters are, or none."""
    letters = word.rstrip("12345")
    ways: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(letters) + 1):
        found = [
            (*known, SYLLABLES[letters[start:end]])
            for start in range(max(0, end - LONGEST), end)
            if letters[start:end] in SYLLABLES and (known := ways[start]) is not None
        ]
        ways.append(min(found, key=len) if found else None)
    return ways[-1] or ()
