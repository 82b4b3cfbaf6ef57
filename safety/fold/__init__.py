"""Read through disguises: one text in, the ways in which it may be meant out.

Zero-width and look-alike characters, full width, accents, traditional characters,
spaced, dotted, starred or repeated letters, digits and pictures for words, homophones
and pinyin are undone, so that a rule is written once. Never used for what is stored or
shown: people keep the words they wrote.
"""

import re
import unicodedata

from safety.fold.english import closed, respelled
from safety.fold.pinyin import Sound, sound
from safety.fold.tables import LOOKALIKES, PLAIN, WORDS

__all__ = ["LOOKALIKES", "Sound", "fold", "plainly", "sounds"]

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
MARKS = r"\s._·•*、\-~+|/\\^=:'\"`#&,，…\u2600-\u27bf\U0001f000-\U0001faff"
_han = re.compile(f"[{HAN}]")
_between_han = re.compile(rf"(?<=[{HAN}])[{MARKS}]+(?=[{HAN}])")
_apart = re.compile(r"(?:\S ){4,}")
_pictures = re.compile("|".join(map(re.escape, WORDS["emoji"])))
_homophones = re.compile("|".join(map(re.escape, WORDS["homophones"])))


def fold(text: str) -> tuple[str, ...]:
    """The plain reading first, then each disguise undone where there was one."""
    plain = plainly(text)
    is_chinese = bool(_han.search(plain))
    readings = [plain]
    if not plain.isascii():
        readings += _seen(plain, is_chinese)
    if is_chinese:
        readings += _heard(plain)
    readings += respelled(readings[-1] if is_chinese else plain)
    return tuple(dict.fromkeys(readings))


def sounds(text: str) -> Sound | None:
    """The text by its sound, where part of it is written in pinyin."""
    return sound(closed(plainly(text)))


def plainly(text: str) -> str:
    """NFKC, no invisible characters, no accents, lower case, simplified characters."""
    if text.isascii():
        return text.lower()
    compatible = unicodedata.normalize("NFKC", text)
    apart = unicodedata.normalize("NFD", compatible).casefold()
    return unicodedata.normalize("NFC", apart.translate(PLAIN))


def _seen(plain: str, is_chinese: bool) -> list[str]:
    """Pictures as the words that they stand for."""
    words = WORDS["emoji"]
    language = 0 if is_chinese else 1
    return [_pictures.sub(lambda hit: f" {words[hit[0]][language]} ", plain)]


def _heard(plain: str) -> list[str]:
    """Without what stands between characters, and homophones undone."""
    typed = plain.replace(" ", "") if _apart.search(plain) else plain
    tight = _between_han.sub("", typed)
    words = WORDS["homophones"]
    return [tight, _homophones.sub(lambda hit: words[hit[0]], tight)]
