"""The site as one thing: the steps of a start, and what the terminal shows of them.

A step that fails leaves nothing that the next start would trip over.
"""

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.core.management import call_command

from config import assets, home, lock, ports
from config.embedded import privileges, servers
from config.embedded.privileges import shim
from config.failure import StartFailed
from config.programs import MANAGE, child_environment, programs
from config.supervisor import Supervisor


@dataclass(slots=True)
class Site:
    """`say` gets each line for the person at the terminal."""

    say: Callable[[str], None]
    supervisor: Supervisor = field(init=False)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(logs=home.home() / "logs", say=self.say)

    def start(self) -> None:
        self.supervisor.catch_signals()
        privileges.make_home()
        lock.take()
        ports.check_free()
        self.environment = child_environment({})
        with self.step("keys"):
            self.make_keys()
        with self.step("database"):
            self.environment |= dict(servers.start(self.supervisor))
            words = self.prepare()
        with self.step("static"):
            assets.compile_messages()
            assets.collect_static()
        with self.step("start"):
            self.start_processes()
        lock.say(self.environment["PUBLIC_URL"])
        self.say(self.closing_words(words))

    def start_processes(self) -> None:
        """The page first: what works in the background need not be waited for."""
        for program in programs(self.environment):
            child = self.supervisor.launch(program)
            if program.ready:
                self.supervisor.wait(child)

    def watch(self) -> None:
        self.supervisor.watch()

    def stop(self) -> None:
        self.supervisor.stop()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.supervisor.check()
        self.say(f"{name:<10} {time.monotonic() - begun:6.1f} s")

    def make_keys(self) -> None:
        """The root key of a new installation. Never a second one beside data that
        the first has sealed: nothing of it would open again."""
        ring = settings.VAULT_KEYRING
        if ring.is_dir() and any(ring.iterdir()):
            return
        if settings.PRODUCTION:
            raise StartFailed(
                f"There is no root key in {ring}. Put your keyring there, or make a "
                "first one with: manage.py keyring create"
            )
        if list(home.home().glob("pg[0-9]*[0-9]")):
            raise StartFailed(
                f"The database of {home.home()} is there but its root key in {ring} "
                "is not. Put the key back; without it no message can be read."
            )
        call_command("keyring", "create", stdout=io.StringIO())

    def prepare(self) -> str:
        """In a process of its own, which ends with this one: here no connection to a
        database may be open that a restart would cut."""
        demo = ["--demo"] if self.environment.get("DEMO") == "1" else []
        done = subprocess.run(  # noqa: S603 - our own command
            shim(
                [sys.executable, MANAGE, "prepare", *demo],
                when_parent_dies=signal.SIGKILL,
            ),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.supervisor.check()
        if done.returncode:
            raise StartFailed(f"manage.py prepare failed:\n{done.stderr.strip()}")
        return done.stdout.strip()

    def closing_words(self, prepared: str) -> str:
        lines = [f"Companion is at {self.environment['PUBLIC_URL']}", "", prepared, ""]
        if not self.environment.get("EMAIL_URL"):
            lines.append(f"Mail is written to {home.home() / 'mail'}")
        return "\n".join(["", *lines, "Ctrl-C stops everything."])
