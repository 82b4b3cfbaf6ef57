"""`manage.py build_fold`: makes the tables of the fold again from their sources.

Needs the development requirements: Unicode's confusables, OpenCC's characters and
pypinyin's readings. What it writes is committed and read by a reviewer.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import Any

from django.core.management.base import BaseCommand

from safety.fold.tables import FOLDER
from safety.rules import rule_set

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SKIPPED_WORDS = {
    "dan",
    "sha",
    "si",
    "sb",
    "ad",
    "re",
    "th",
    "rd",
    "nd",
    "st",
    "qq",
    "ai",
}
SKIPPED = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO", "YI ", "IDEOGRAPHIC")


class Command(BaseCommand):
    help = "Write the tables of safety/fold again."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, rows in (
            ("lookalikes", lookalikes()),
            ("traditional", traditional()),
            ("syllables", syllables()),
        ):
            lines = [f"{left}\t{right}\n" for left, right in sorted(rows.items())]
            (FOLDER / f"{name}.tsv").write_text("".join(lines), "utf-8")
            self.stdout.write(f"{name}: {len(lines)} rows")
        known = sorted(words())
        (FOLDER / "words.tsv").write_text("\n".join(known) + "\n", "utf-8")
        self.stdout.write(f"words: {len(known)} rows")


def words() -> set[str]:
    """The English words of the rules' examples: what is recognised when letters stand
    apart or run together."""
    said = " ".join(
        text for rule in rule_set().rules for text in rule.hits + rule.misses
    )
    found = re.findall(r"(?<![a-z'])[a-z]+(?:'[a-z]+)?(?![a-z'])", said.lower())
    return {one for one in found if len(one) > 1 or one in {"a", "i"}} - SKIPPED_WORDS


def lookalikes() -> dict[str, str]:
    """Latin letter to the characters that look like it, folded as texts are."""
    file = resources.files("confusable_homoglyphs") / "confusables.json"
    table = json.loads(file.read_text("utf-8"))
    twin_of: dict[str, str] = {}
    for spelled in (LETTERS, LETTERS.upper()):  # what looks like a small letter wins
        for letter in spelled:
            for twin in _twins(table.get(letter, ())):
                twin_of.setdefault(twin, letter.lower())
    found: dict[str, str] = defaultdict(str)
    for twin, letter in sorted(twin_of.items()):
        found[letter] += twin
    return dict(found)


def _twins(entries: Iterable[dict[str, str]]) -> Iterator[str]:
    for entry in entries:
        folded = unicodedata.normalize("NFKC", entry["c"]).casefold()
        folded = unicodedata.normalize("NFD", folded)
        name = unicodedata.name(folded[:1], "")
        is_letter = len(folded) == 1 and unicodedata.category(folded)[0] == "L"
        if is_letter and not folded.isascii() and not name.startswith(SKIPPED):
            yield folded


def traditional() -> dict[str, str]:
    """Simplified character to the traditional ones that are written with it."""
    file = resources.files("opencc") / "dictionary" / "TSCharacters.txt"
    found: dict[str, str] = defaultdict(str)
    for line in file.read_text("utf-8").splitlines():
        old, _tab, new = line.partition("\t")
        simple = new.split(" ")[0]
        if len(old) == 1 and len(simple) == 1 and old != simple:
            found[simple] += old
    return dict(found)


def syllables() -> dict[str, str]:
    """Syllable without its tone to the everyday characters that are read so."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - a development requirement

    found: dict[str, str] = defaultdict(str)
    for character in sorted(_everyday()):
        [syllable] = lazy_pinyin(character)
        if syllable.isascii() and syllable.isalpha() and syllable != character:
            found[syllable] += character
    return dict(found)


def _everyday() -> set[str]:
    """The characters of GB 2312, which mainland keyboards began with."""
    pairs = (
        bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 255)
    )
    return {pair.decode("gb2312", "ignore") for pair in pairs} - {""}
