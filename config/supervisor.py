"""Runs programs in order, restarts what dies, stops in reverse, leaves none behind.

Single-threaded on purpose: the kernel's death signal follows the thread that
started the child. Must not import Django: it outlives a broken settings file.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.embedded.privileges import Account, shim
from config.failure import StartFailed

TICK = 0.05
FIRST_DELAY, LONGEST_DELAY = 0.2, 10.0
STEADY_SECONDS = 30.0  # up for so long: the next death counts as the first
LOG_LIMIT = 10 * 1024 * 1024
START_ATTEMPTS = 5  # deaths before it was ever ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    owner: Account | None = None
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL  # when the supervisor is gone
    grace: float = 15.0
    ready: Callable[[], bool] | None = None


class Interrupted(Exception):
    """Somebody asked to stop."""


@dataclass(slots=True)
class Child:
    """A program and the process that runs it now."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0
    deaths: int = 0

    def start(self) -> None:
        rotate(self.log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                shim(
                    list(self.program.command),
                    when_parent_dies=self.program.death_signal,
                    owner=self.program.owner,
                ),
                env=self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.started = time.monotonic()

    def bury(self) -> int:
        """Notes the death and when to start again; returns the exit status."""
        assert self.process  # noqa: S101 - only called for a dead process
        status = self.process.wait()
        end_group(self.process.pid, signal.SIGKILL)  # what it left behind
        self.process = None
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.delay, self.deaths = FIRST_DELAY, 0
        self.deaths += 1
        self.due = time.monotonic() + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        return status

    def stop(self) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, self.program.stop_signal)
        try:
            self.process.wait(self.program.grace)
        except subprocess.TimeoutExpired:
            end_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
        end_group(self.process.pid, signal.SIGKILL)
        self.process = None


@dataclass(slots=True)
class Supervisor:
    """`say` gets a line for the person at the terminal."""

    logs: Path
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    asked_to_stop: bool = False

    def catch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_asked)

    def launch(self, program: Program) -> Child:
        """Starts it without waiting."""
        self.check()
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        child = Child(program, self.logs / f"{program.name}.log")
        self.children.append(child)
        child.start()
        return child

    def wait(self, child: Child, seconds: float = 60.0) -> None:
        """Until it is ready; fails when it keeps dying or takes too long."""
        deadline = time.monotonic() + seconds
        while not (child.process and self._is_ready(child)):
            self.tick()
            if child.deaths >= START_ATTEMPTS or time.monotonic() > deadline:
                raise StartFailed(
                    f"{child.program.name} does not start. The end of {child.log}:\n"
                    + last_lines(child.log)
                )

    def start(self, program: Program) -> Child:
        child = self.launch(program)
        self.wait(child)
        return child

    def watch(self) -> None:
        """Restarts what dies, until somebody asks to stop."""
        with contextlib.suppress(Interrupted):
            while True:
                self.tick()

    def tick(self) -> None:
        self.check()
        for child in self.children:
            self._look_after(child)
        time.sleep(TICK)

    def check(self) -> None:
        if self.asked_to_stop:
            raise Interrupted

    def stop(self) -> None:
        """In reverse order, each waited for before the next is asked."""
        for child in reversed(self.children):
            child.stop()
        self.children.clear()

    def _look_after(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.due:
                child.start()
        elif child.process.poll() is not None:
            wait = child.delay
            status = child.bury()
            name = child.program.name
            self.say(f"{name} ended ({how(status)}); again in {wait:.1f} s")

    def _is_ready(self, child: Child) -> bool:
        return child.program.ready is None or child.program.ready()

    def _stop_asked(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True


def end_group(pid: int, number: int) -> None:
    """Each child leads a session of its own, so this reaches its children too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def last_lines(log: Path, count: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
