"""Latin letters read through disguises: spaced, dotted, starred, repeated, run
together, and digits for letters.

Words are recognised by a list of those that the rules know (words.tsv); what is not
among them stays as it is. Linear in the length of a text.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product

from safety.fold.tables import FOLDER, WORDS

KNOWN = frozenset((FOLDER / "words.tsv").read_text("utf-8").split())
LONGEST = max(map(len, KNOWN), default=1)
LEET = dict(zip(WORDS["leet"]["from"], WORDS["leet"]["to"], strict=True))
SIGNS = "".join(map(re.escape, LEET))
MASKED = tuple(WORDS["masked"]["words"])
STRANGE = 3  # what a letter costs that belongs to no known word
RUN_TOGETHER = 8  # letters of a word that may be several
Change = Callable[[re.Match[str]], str]

_mark = r"[ ._*\-·•~+|/\\,]"
_spaced = re.compile(
    rf"(?<![a-z0-9])(?:[a-z0-9@$!']{_mark}{{1,3}}){{2,}}[a-z0-9@$!](?![a-z0-9])"
)
_gap = re.compile(rf"{_mark}{{2,}}")
_marks = re.compile(_mark)
_inner = re.compile(r"(?<=[a-z0-9])[._\-·~](?=[a-z0-9])")
_leet = re.compile(rf"[a-z0-9'{SIGNS}]{{2,}}")
_mixed = re.compile(rf"[a-z][{SIGNS}]|[{SIGNS}][a-z]")
_lone = re.compile(r"(?<![a-z0-9])[14](?![a-z0-9])")
_repeated = re.compile(r"[a-z]*([a-z])\1\1[a-z]*")
_starred = re.compile(r"[a-z]+[*#]+[a-z]+")
_long = re.compile(rf"[a-z]{{{RUN_TOGETHER},40}}")


def respelled(text: str) -> Iterator[str]:
    """Each disguise undone, and then all of them together."""
    joined = _spaced.sub(_joined, text)
    changes: tuple[tuple[re.Pattern[str], Change], ...] = (
        (_starred, _unmasked),
        (_leet, _lettered),
        (_repeated, _calm),
        (_long, lambda hit: parted(hit[0])),
    )
    yield joined
    yield _inner.sub(" ", text)
    yield closed(joined)
    for start in dict.fromkeys((joined, closed(joined), closed(text))):
        is_leet = len(_mixed.findall(start)) > 1
        done = _lone.sub(lambda hit: LEET[hit[0]], start) if is_leet else start
        for pattern, change in changes:
            done = pattern.sub(change, done)
        yield done


def closed(text: str) -> str:
    """Without the marks inside a word: sui-cide."""
    return _inner.sub("", text)


def _joined(hit: re.Match[str]) -> str:
    """Letters that stood apart, as words: at wider gaps, or where known words end."""
    parts = _gap.split(hit[0])
    words = (_lettered_word(_marks.sub("", part)) for part in parts)
    return " ".join(parted(word) for word in words)


@lru_cache(maxsize=4096)
def parted(letters: str) -> str:
    """The fewest known words that it may be, or the letters as they are."""
    if letters in KNOWN or not letters.replace("'", "").isalpha():
        return letters
    best: list[tuple[float, int]] = [(0, 0)]
    for end in range(1, len(letters) + 1):
        best.append(min(_endings(letters, end, best)))
    words, end = [], len(letters)
    while end:
        start = best[end][1]
        words.append(letters[start:end])
        end = start
    known = sum(len(word) for word in words if word in KNOWN)
    return " ".join(reversed(words)) if known == len(letters) else letters


def _endings(
    letters: str, end: int, best: list[tuple[float, int]]
) -> Iterator[tuple[float, int]]:
    yield best[end - 1][0] + STRANGE, end - 1
    for start in range(max(0, end - LONGEST), end):
        if letters[start:end] in KNOWN:
            yield best[start][0] + 1 + 0.5 * (end - start == 1), start


def _lettered(hit: re.Match[str]) -> str:
    return _lettered_word(hit[0])


@lru_cache(maxsize=4096)
def _lettered_word(word: str) -> str:
    """Digits and signs as the letters they stand for; 1 is an i or an l."""
    body = word.rstrip("!")
    signs = [c for c in body if c in LEET]
    if not signs or len(signs) > 8 or not any(c.isalpha() for c in body):
        return _numbers(body) + word[len(body) :]
    choices = [("i", "l") if c == "1" else (LEET.get(c, c),) for c in body]
    spellings = ["".join(letters) for letters in product(*choices)]
    known = [one for one in spellings if one in KNOWN]
    return (known or spellings)[0] + word[len(body) :]


def _numbers(word: str) -> str:
    """A short number that spells a known word, as 70 does."""
    spelled = "".join(LEET.get(c, c) for c in word)
    return spelled if 1 < len(word) <= 3 and spelled in KNOWN else word


def _calm(hit: re.Match[str]) -> str:
    """Letters held down: once, or twice where that is a word."""
    once = re.sub(r"(.)\1\1+", r"\1", hit[0])
    twice = re.sub(r"(.)\1\1+", r"\1\1", hit[0])
    return twice if twice in KNOWN and once not in KNOWN else once


def _unmasked(hit: re.Match[str]) -> str:
    """The known word that fits what the stars left."""
    shape = re.compile(re.sub(r"[*#]+", lambda run: f".{{1,{len(run[0])}}}", hit[0]))
    return next((word for word in MASKED if shape.fullmatch(word)), hit[0])
