"""Where a running installation keeps its state: one folder, one place that says so.

Must not import Django: the start-up uses it before there are settings.
"""

import hashlib
import os
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SOCKET_PATH_LIMIT = 100  # a unix socket's path holds 107 bytes at most (unix(7))


def home() -> Path:
    """The state folder: COMPANION_HOME, else var/ beside the code."""
    return Path(os.environ.get("COMPANION_HOME") or BASE_DIR / "var").resolve()


def cache() -> Path:
    """Downloads shared by all checkouts of one account: models and wheels."""
    named = os.environ.get("COMPANION_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(base) / "companion"


def run_dir() -> Path:
    """Folder of the unix sockets; short enough for the kernel in any checkout."""
    wanted = home() / "run"
    if len(str(wanted / "postgres" / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return wanted
    label = hashlib.sha256(str(home()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"companion-{label}"


def postgres_socket() -> Path:
    return run_dir() / "postgres"


def valkey_socket() -> Path:
    return run_dir() / "valkey" / "valkey.sock"


def engine_socket() -> Path:
    return run_dir() / "engine.sock"
