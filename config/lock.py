"""One start at a time for each state folder.

The kernel lets the lock go when the last process that holds it is gone, however it
ends. Must not import Django: the start-up holds it before there are settings.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from config import home
from config.failure import StartFailed

INHERITED = "COMPANION_LOCK"  # number of the descriptor that the start-up hands on


def take() -> int:
    """Holds the lock until this process ends, or fails with who holds it."""
    if handed := os.environ.pop(INHERITED, ""):
        with suppress(ValueError, OSError):
            os.fstat(int(handed))
            os.set_inheritable(int(handed), False)
            return int(handed)
    home.home().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartFailed(_who_holds()) from None
    say("")
    return descriptor


def hand_on(descriptor: int) -> None:
    """To the program that this process becomes."""
    os.set_inheritable(descriptor, True)
    os.environ[INHERITED] = str(descriptor)


def say(url: str) -> None:
    """Where the running site is, for whoever comes second."""
    _path().write_text(url)


def _path() -> Path:
    return home.home() / "lock"


def _who_holds() -> str:
    url = _path().read_text().strip()
    if url:
        return f"It is running already: {url}"
    return f"Another start is at work in {home.home()}. Wait until it is done."
