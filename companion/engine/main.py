"""The engine process: one model behind a unix socket or a loopback port.

Listens before the model is loaded. Never on an address that other machines reach.
"""

import asyncio
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import uvicorn

from companion.engine import cores
from companion.engine.gains import Choice
from companion.engine.parking import Parking
from companion.engine.request import GenerationRequest
from companion.engine.runner import Load, Runner
from companion.engine.scheduler import AT_ONCE
from companion.engine.scripted import Scripted
from companion.engine.server import Find, app_for
from companion.engine.watchdog import Watchdog

STOP_SECONDS = 3
CONTEXT = 8192
STEP_SECONDS = 60


class CannotServe(Exception):
    """Said to the operator as it is: one sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`port` 0 means the unix socket at `path`. `model` is what `load` will load,
    `find` knows others; `beginnings` are prompts to get ready for, `parked` is a
    folder for chats that are set aside."""

    load: Load
    model: str
    path: Path | None = None
    port: int = 0
    key: str = ""
    beginnings: tuple[GenerationRequest, ...] = ()
    parked: Path | None = None
    find: Find | None = None


def threads() -> int:
    """ENGINE_THREADS, else what the cores that are free now allow."""
    if os.environ.get("ENGINE_THREADS"):
        return _number("ENGINE_THREADS", 1)
    return cores.chosen(cores.usable(), cores.free())


def context() -> int:
    """ENGINE_CONTEXT: how many tokens prompt and reply may have together."""
    return _number("ENGINE_CONTEXT", CONTEXT)


def cells() -> int:
    """ENGINE_CELLS: how many tokens all chats may keep in memory together."""
    return _number("ENGINE_CELLS", 2 * context())


def openblas() -> Choice:
    """ENGINE_BLAS: whether prompts are read with OpenBLAS; `auto` is where it helps."""
    return _choice("ENGINE_BLAS")


def rearranged() -> Choice:
    """ENGINE_REARRANGED: whether the weights are; `auto` is where that reads faster."""
    return _choice("ENGINE_REARRANGED")


def step_seconds() -> int:
    """ENGINE_STEP_SECONDS: how long a step may stand still before it counts as hung."""
    return _number("ENGINE_STEP_SECONDS", STEP_SECONDS)


def _choice(name: str) -> Choice:
    given = os.environ.get(name) or "auto"
    if given not in get_args(Choice):
        raise CannotServe(f"{name} must be auto, on or off, not {given!r}.")
    return cast(Choice, given)


def _number(name: str, usual: int) -> int:
    given = os.environ.get(name) or str(usual)
    if not given.isdecimal() or not int(given):
        raise CannotServe(f"{name} must be a whole number above 0, not {given!r}.")
    return int(given)


def scripted() -> Scripted:
    """The model without a model; ENGINE_SCRIPT_DELAY is in seconds for each piece."""
    return Scripted(delay=float(os.environ.get("ENGINE_SCRIPT_DELAY", "0.01")))


def serve(settings: Settings) -> None:
    """Run until a signal; raises `CannotServe` when there is no model to answer."""
    runner = Runner(
        settings.load,
        name=settings.model,
        beginnings=settings.beginnings,
        parking=Parking(settings.parked),
        at_once=_number("ENGINE_AT_ONCE", AT_ONCE),
    )
    watchdog = Watchdog(lambda: runner.stepping_since, seconds=step_seconds())
    server = _Server(
        uvicorn.Config(
            app_for(runner, key=settings.key, find=settings.find),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        ),
        runner,
        settings,
    )
    door = _door(settings)
    try:
        runner.start()
        watchdog.start()
        server.run(sockets=[door])
    finally:
        watchdog.close()
        door.close()
    if runner.status == "failed":
        raise CannotServe(f"The engine cannot answer: {runner.reason}")


class _Server(uvicorn.Server):
    """Stops when the model does, and lets nobody wait for a reply that never comes."""

    def __init__(
        self, config: uvicorn.Config, runner: Runner, settings: Settings
    ) -> None:
        super().__init__(config)
        self._runner = runner
        self._path = None if settings.port else settings.path
        runner.on_failure = self._stop

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called before uvicorn lets the signal end the process."""
        if self._path:
            self._path.unlink(missing_ok=True)
        await asyncio.to_thread(self._runner.close)
        await super().shutdown(sockets)


def _door(settings: Settings) -> socket.socket:
    if settings.port:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _bound(door, ("127.0.0.1", settings.port))
    if settings.path is None:
        raise CannotServe("The engine needs a unix socket or a port.")
    settings.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear(settings.path)
    before = os.umask(0o177)  # the socket is never open to other accounts
    try:
        return _bound(socket.socket(socket.AF_UNIX), str(settings.path))
    finally:
        os.umask(before)


def _bound(door: socket.socket, address: str | tuple[str, int]) -> socket.socket:
    try:
        door.bind(address)
    except OSError as problem:
        door.close()
        raise CannotServe(f"Cannot listen at {address}: {problem.strerror}") from None
    return door


def _clear(path: Path) -> None:
    """Remove the socket of an engine that died; never one that answers."""
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise CannotServe(f"Another engine listens at {path} already.")
