"""The file of a bank, and the numbers that `manage.py build_voices` made of it.

`bank.<language>.txt` of a persona holds blocks: in brackets the kind of first message
that it is, then what people say, one wording a line, and last the reply. Beside it lie
one row of numbers a wording, and the sha256 that binds them to the text and to the
encoder: numbers of another text are never used.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.personas import FOLDER
from companion.voice_bank.turns import turned, unlike
from safety.heads.encoder import Vectors, encoder

SCALE = 512  # the numbers of a unit vector of 512, as whole ones of a byte


class BankBroken(Exception):
    """The numbers do not belong to the text, or to the encoder that runs here."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One thing that people say, the reply to it, its line in the file, its kind."""

    says: str
    reply: str
    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Bank:
    """Row i of `rows` is the unit vector of `wordings[i]`, row i of `turns` what in it
    turns a sentence round."""

    wordings: tuple[Wording, ...]
    rows: NDArray[np.float32]
    turns: Vectors

    def alike(self, said: str) -> Vectors:
        """How near each wording is to what was said: 1 is the same."""
        [asked], [turns] = encoder().encode([said]), turned([said])
        near: Vectors = self.rows @ (asked / np.linalg.norm(asked))
        return near - unlike(turns, self.turns)


def file_of(slug: str, language: str, folder: Path = FOLDER) -> Path:
    return folder / slug / f"bank.{language}.txt"


def wordings(file: Path) -> tuple[Wording, ...]:
    """Raises `ValueError` for a block without a kind or a reply."""
    found: list[Wording] = []
    block: list[str] = []
    for number, line in enumerate([*file.read_text("utf-8").splitlines(), ""], 1):
        if line.strip():
            block.append(line.strip())
            continue
        if block and (len(block) < 3 or not block[0].startswith("[")):
            raise ValueError(f"{file.name}, line {number - 1}: no kind or no exchange")
        first = number - len(block)
        for place, says in enumerate(block[1:-1], start=1):
            kind = block[0].strip("[]")
            found.append(Wording(says, block[-1], first + place, kind))
        block = []
    return tuple(found)


@cache
def bank(slug: str, language: str, folder: Path = FOLDER) -> Bank:
    """Raises `BankBroken`, or OSError where a file is missing."""
    file = file_of(slug, language, folder)
    numbers = np.load(file.with_suffix(".npy"), allow_pickle=False)
    if seal(file, numbers) != file.with_suffix(".sha256").read_text("ascii").strip():
        raise BankBroken(f"{slug}/{file.name} needs manage.py build_voices")
    rows = numbers.astype(np.float32)
    known = wordings(file)
    return Bank(
        wordings=known,
        rows=rows / np.linalg.norm(rows, axis=1, keepdims=True),
        turns=turned([one.says for one in known]),
    )


def build(file: Path) -> int:
    """Write the numbers of a file and their seal; how many wordings it has."""
    known = wordings(file)
    rows = np.round(encoder().encode([one.says for one in known]) * SCALE)
    numbers = np.clip(rows, -127, 127).astype(np.int8)
    np.save(file.with_suffix(".npy"), numbers)
    file.with_suffix(".sha256").write_text(seal(file, numbers) + "\n", "ascii")
    return len(known)


def seal(file: Path, numbers: NDArray[np.int8]) -> str:
    """One sum over text, numbers and the name of the encoder."""
    told = hashlib.sha256(encoder().identity.encode() + b"\0")
    told.update(hashlib.sha256(file.read_bytes()).digest())
    told.update(numbers.tobytes())
    return told.hexdigest()
