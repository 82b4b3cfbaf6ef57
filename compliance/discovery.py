"""What each app says it fulfils: the obligations.toml beside its code.

A claim is a statement, never a proof: proofs are tests (compliance.proofs).
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.apps import apps

from compliance.register import Words

FILE = "obligations.toml"
FIELDS = {"id", "scope", "how", "how_zh", "code"}


class Scope(StrEnum):
    """Whether the app fulfils the row as far as software can, or a part of it."""

    WHOLE = "whole"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Claim:
    """`code` are paths from the root of the project."""

    app: str
    id: str
    scope: Scope
    how: Words
    code: tuple[str, ...]


class ClaimBroken(Exception):
    """An obligations.toml cannot be read as a list of claims."""


def claims() -> tuple[Claim, ...]:
    """The claims of all installed apps, in the order of INSTALLED_APPS."""
    return read(Path(config.path) for config in apps.get_app_configs())


def read(folders: Iterable[Path]) -> tuple[Claim, ...]:
    files = [folder / FILE for folder in folders if (folder / FILE).is_file()]
    return tuple(claim for file in files for claim in _claims(file))


def _claims(file: Path) -> list[Claim]:
    app = file.parent.name
    table = tomllib.loads(file.read_text("utf-8"))
    found = []
    for entry in table["fulfils"]:
        if set(entry) != FIELDS or not entry["code"]:
            raise ClaimBroken(f"{app}: {entry.get('id')} needs {sorted(FIELDS)}")
        try:
            found.append(_claim(app, entry))
        except ValueError as wrong:
            raise ClaimBroken(f"{app}: {entry['id']}: {wrong}") from wrong
    return found


def _claim(app: str, entry: dict[str, str]) -> Claim:
    return Claim(
        app=app,
        id=entry["id"],
        scope=Scope(entry["scope"]),
        how=Words(entry["how"], entry["how_zh"]),
        code=tuple(entry["code"]),
    )
