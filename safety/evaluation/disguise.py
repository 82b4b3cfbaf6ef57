"""Six ways in which people hide words from a filter, as functions of a text.

For measuring only. The same text always gets the same disguise, and it is one that a
reader still understands.
"""

import re
from collections.abc import Callable, Mapping

from safety.fold.tables import LOOKALIKES, SIMPLIFIED, SOUND_OF, SYLLABLES

LEET = str.maketrans("aeiost", "431057")
TWINS = dict(zip("aceiopsxy", "асеіорѕху", strict=True))  # Cyrillic
_spelling = {private: syllable for syllable, private in SYLLABLES.items()}
_old = {simple: old for old, simple in SIMPLIFIED.items() if len(simple) == 1}
_han = re.compile(r"[\u4e00-\u9fff]")
_word = re.compile(r"[A-Za-z]{3,}")


def zero_width(text: str) -> str:
    """An invisible character behind every character."""
    return "\u200b".join(text)


def full_width(text: str) -> str:
    wide = (chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return "".join(wide)


def lookalike(text: str) -> str:
    """Letters of other scripts, and traditional characters."""
    return "".join(TWINS.get(c, _old.get(c, c)) for c in text)


def spaced(text: str) -> str:
    """Every letter and every character apart."""
    return " ".join(c for c in text if not c.isspace())


def dotted(text: str) -> str:
    """A dot inside every word, and between all characters."""
    dotted_words = _word.sub(lambda word: ".".join(word[0]), text)
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", "·", dotted_words)


def respelled(text: str) -> str:
    """Digits for letters; every other character by its pinyin."""
    pieces, turn = [], False
    for c in text:
        private = SOUND_OF.get(c)
        if _han.match(c) and private and turn:
            pieces.append(_spelling[private])
        else:
            pieces.append(c if _han.match(c) else c.lower().translate(LEET))
        turn = not turn if _han.match(c) else turn
    return "".join(pieces)


DISGUISES: Mapping[str, Callable[[str], str]] = {
    "zero_width": zero_width,
    "full_width": full_width,
    "lookalike": lookalike,
    "spaced": spaced,
    "dotted": dotted,
    "respelled": respelled,
}
assert set(TWINS.values()) <= set(LOOKALIKES)  # noqa: S101 - the fold undoes them
