"""What a GGUF file says of itself, read without loading it (GGUF versions 2 and 3).

Standard library only. Never trusts a length in the file further than the file goes.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
VERSIONS = {2, 3}
TEMPLATE = "tokenizer.chat_template"
STRING, ARRAY = 8, 9
WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
LONGEST_NAME = 65_535  # bytes, from the specification


class NotUsable(ValueError):
    """The file cannot be chatted with; the message says why."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """`kind` is ggml's number of how the weights are written down."""

    name: str
    kind: int
    weights: int


def check_can_chat(path: Path) -> None:
    """Raises `NotUsable` for what is no GGUF file or has no chat template."""
    with _read(path) as file:
        _tensors, facts = _counts(file)
        if TEMPLATE not in _names(file, facts):
            raise NotUsable(
                f"{path} has no chat template: it is a base model, which goes on "
                "with a text but answers nobody. Take its instruct version."
            )


def tensors(path: Path) -> list[Tensor]:
    """What the file lists. Raises `NotUsable` for what is no GGUF file."""
    with _read(path) as file:
        count, facts = _counts(file)
        for _name in _names(file, facts):
            pass
        return [_tensor(file) for _ in range(count)]


@contextmanager
def _read(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except (struct.error, KeyError, UnicodeDecodeError):
        raise NotUsable(f"{path} is cut off or damaged.") from None


def _counts(file: BinaryIO) -> tuple[int, int]:
    """How many tensors and how many facts follow."""
    if file.read(4) != MAGIC:
        raise NotUsable(f"{file.name} is no GGUF file.")
    version, tensors, facts = struct.unpack("<IQQ", file.read(20))
    if version not in VERSIONS:
        raise NotUsable(f"{file.name} is GGUF version {version}; 2 and 3 can be read.")
    return tensors, facts


def _names(file: BinaryIO, facts: int) -> Iterator[str]:
    """The names of the file's facts, in order."""
    for _ in range(facts):
        yield _name(file)
        _skip(file, _number(file, "<I"))


def _name(file: BinaryIO) -> str:
    return file.read(min(_number(file, "<Q"), LONGEST_NAME)).decode()


def _tensor(file: BinaryIO) -> Tensor:
    name = _name(file)
    sizes = [_number(file, "<Q") for _ in range(_number(file, "<I"))]
    kind, _offset = _number(file, "<I"), _number(file, "<Q")
    return Tensor(name, kind, prod(sizes))


def _skip(file: BinaryIO, kind: int) -> None:
    if kind == STRING:
        file.seek(_number(file, "<Q"), 1)
    elif kind == ARRAY:
        item, count = _number(file, "<I"), _number(file, "<Q")
        if item in WIDTHS:
            file.seek(WIDTHS[item] * count, 1)
            return
        for _ in range(count):
            _skip(file, item)
    else:
        file.seek(WIDTHS[kind], 1)


def _number(file: BinaryIO, form: str) -> int:
    """Raises struct.error where the file ends."""
    number: int = struct.unpack(form, file.read(struct.calcsize(form)))[0]
    return number
