"""The tables of the fold: characters that stand for others. Data, read once.

The three .tsv files are made by `manage.py build_fold`; words.toml is written by hand.
"""

import tomllib
import unicodedata
from pathlib import Path

FOLDER = Path(__file__).parent
HAN = r"\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}"
FIRST_SYLLABLE = 0xE000  # a private character for each syllable
BLANK = "\u2800\u3164\u115f\u1160\uffa0\u180e"  # letters that show nothing


def _rows(name: str) -> dict[str, str]:
    lines = (FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def _inverted(rows: dict[str, str]) -> dict[str, str]:
    return {one: plain for plain, many in rows.items() for one in many}


def _unseen() -> str:
    """Format characters and marks: what stands in a text and not on the page."""
    planes = (*range(0x80, 0x20000), *range(0xE0000, 0xE1000))
    kinds = {"Cf", "Mn", "Me"}
    return BLANK + "".join(
        c for c in map(chr, planes) if unicodedata.category(c) in kinds
    )


WORDS = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))
LOOKALIKES = _inverted(_rows("lookalikes")) | WORDS["lookalikes"]
SIMPLIFIED = _inverted(_rows("traditional")) | WORDS["variants"]
UNSEEN = _unseen()
SYLLABLES = {
    syllable: chr(FIRST_SYLLABLE + place)
    for place, syllable in enumerate(sorted(_rows("syllables")))
}
SOUND_OF = {
    character: SYLLABLES[syllable]
    for syllable, characters in _rows("syllables").items()
    for character in characters
}
PLAIN = str.maketrans(
    SIMPLIFIED | LOOKALIKES | dict.fromkeys(UNSEEN, "") | {"’": "'", "‘": "'"}
)
SOUND = str.maketrans(SOUND_OF)
