"""From a command of the site to the engine's own process, which holds no site.

What Django and the apps take of memory the model can use: the command becomes
`python -m companion.engine`, with the same process id for whoever supervises it.
"""

import os
import sys
import tempfile
from typing import NoReturn

import msgspec

from companion.engine import places
from companion.engine.request import GenerationRequest

KEY = "ENGINE_KEY"


class Start(msgspec.Struct):
    """Where it listens, and the prompts to get ready for; the rest is environment.
    `port` 0 means the unix socket at `path`."""

    path: str | None = None
    port: int = 0
    beginnings: tuple[GenerationRequest, ...] = ()


def become(start: Start, *, key: str) -> NoReturn:
    """Go on as the engine. The key stays in the environment: no file ever holds it."""
    here = os.environ.get("PYTHONPATH", "")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(places.CODE), here))),
        KEY: key,
    }
    with tempfile.TemporaryFile() as told:
        told.write(msgspec.json.encode(start))
        told.seek(0)
        os.dup2(told.fileno(), sys.__stdin__.fileno() if sys.__stdin__ else 0)
    command = [sys.executable, "-m", "companion.engine"]
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own program


def told() -> Start:
    """What `become` left on the standard input."""
    return msgspec.json.decode(sys.stdin.buffer.read(), type=Start)
