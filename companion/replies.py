"""Reply templates of operators: reviewed beginnings in every language, as data.

A template is put into the box of the operator, who changes and sends it; nothing here
is ever sent by itself.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "replies.toml"


@dataclass(frozen=True, slots=True)
class Reply:
    """`label` in the language of the operator, `text` in that of the person."""

    id: str
    label: str
    text: str


def replies(*, spoken: str, shown: str, name: str) -> tuple[Reply, ...]:
    """For a person who speaks `spoken` and an operator who reads `shown`. Raises
    KeyError for a template that lacks a language."""
    return tuple(
        Reply(
            id=row["id"],
            label=row["label"][1 if shown.startswith("zh") else 0],
            text=row["zh-hans" if spoken == "zh-hans" else "en"].replace(
                "{name}", name
            ),
        )
        for row in _rows()
    )


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(FILE.read_text("utf-8"))["reply"])
