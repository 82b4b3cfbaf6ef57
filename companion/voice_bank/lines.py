"""The lines of a persona for what a first message is about, whatever it is exactly.

`lines.<language>.txt` of a persona holds sections: a kind in brackets, and what the
persona says to it, one line each. Every line is right for everybody who writes a
message of that kind. The text is the project's own.
"""

import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from companion.personas import FOLDER


def file_of(slug: str, language: str, folder: Path = FOLDER) -> Path:
    return folder / slug / f"lines.{language}.txt"


@cache
def lines(slug: str, language: str, folder: Path = FOLDER) -> dict[str, list[str]]:
    """By kind. Raises OSError where there is no file."""
    return read(file_of(slug, language, folder))


def read(file: Path) -> dict[str, list[str]]:
    """Raises `ValueError` for a line above the first kind, and for a kind that stands
    there twice."""
    found: dict[str, list[str]] = {}
    kind = ""
    for line in map(str.strip, file.read_text("utf-8").splitlines()):
        if line.startswith("["):
            kind = line.strip("[]")
            if kind in found:
                raise ValueError(f"{kind} stands there twice")
            found[kind] = []
        elif line:
            if not kind:
                raise ValueError(f"a line without a kind: {line}")
            found[kind].append(line)
    return found


def pick(known: Collection[str], chat: str, said: str) -> str:
    """The same words get the same line in the same chat, and may get another in the
    next; nothing where there is none."""
    if not known:
        return ""
    drawn = hashlib.sha256(f"{chat}\0{said}".encode()).digest()
    return sorted(known)[int.from_bytes(drawn[:8]) % len(known)]
