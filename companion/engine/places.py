"""Where models lie and where the choice of one is written down.

Standard library only: the start-up asks before anything is installed. The same
variables as config/home.py, which no app may import; a test holds the two together.
"""

import os
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]


def models() -> Path:
    """Downloaded models, shared by all checkouts of one account."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    named = os.environ.get("COMPANION_CACHE")
    return (Path(named) if named else Path(base) / "companion") / "models"


def choice() -> Path:
    """The file in which an installation remembers its model."""
    return _home() / "model.json"


def parked() -> Path:
    """The folder of chats that the engine has set aside."""
    return _home() / "parked"


def measured() -> Path:
    """The file of what was measured of models on this machine."""
    return models().with_name("measured.json")


def _home() -> Path:
    return Path(os.environ.get("COMPANION_HOME") or CODE / "var").resolve()
