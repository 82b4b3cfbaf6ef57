"""Which voice a model gets: a small adapter that is loaded beside its weights.

A model of the catalogue has its own, kept in this repository and pinned by its sha256;
ENGINE_ADAPTER names another file, or switches it off. One that is missing or changed
is refused, never left out in silence.
"""

import os
from pathlib import Path

from companion.engine import catalogue
from companion.engine.catalogue import Adapter
from companion.engine.sums import sum_of

OFF = "none"


def adapter_for(model: Path) -> Path | None:
    """Raises `ValueError` with what is wrong with the file."""
    named = os.environ.get("ENGINE_ADAPTER", "")
    if named == OFF:
        return None
    if named:
        return _there(Path(named).expanduser())
    known = catalogue.known_file(model)
    if known is None or known.adapter is None:
        return None
    return pinned(known.adapter)


def pinned(adapter: Adapter) -> Path:
    """Raises `ValueError` for a file that is not the one of the catalogue."""
    path = _there(adapter.path)
    if (found := sum_of(path)) != adapter.sha256:
        raise ValueError(
            f"{path} has the sha256 {found} and must have {adapter.sha256}"
        )
    return path


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(
            f"the adapter {path} is missing; ENGINE_ADAPTER={OFF} runs without one"
        )
    return path
