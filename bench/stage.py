"""A whole site of its own in a temporary folder: every process is the real one, and any
of them can be killed, kept down and brought back.

The main thread drives the supervisor (`play`), because the kernel ties the life of a
child to the thread that started it; load comes from other threads.
"""

import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gateways import Gateways

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stage:
    """`scale` makes the numbers of a play smaller; `progress` goes to the error
    stream, so that the table stays alone on the other."""

    def __init__(self, gateways: Gateways, scale: float = 1.0) -> None:
        self.gateways, self.scale, self.told = gateways, scale, 0.0
        self.folder = tempfile.TemporaryDirectory(prefix="faults-")
        self.port = free_port()
        self.set_environment()
        import django

        sys.path.insert(0, str(ROOT))
        django.setup()
        from config.site import Site

        self.site = Site(say=lambda line: None)
        self.down: dict[str, object] = {}

    def set_environment(self) -> None:
        for name in ("DATABASE_URL", "REDIS_URL", "ENGINE_URL", "COMPANION_ENV"):
            os.environ.pop(name, None)
        url = self.gateways.url
        os.environ.update(
            COMPANION_HOME=self.folder.name,
            DJANGO_SETTINGS_MODULE="config.settings",
            PORT=str(self.port),
            PUBLIC_URL=f"http://127.0.0.1:{self.port}",
            SECRET_KEY=secrets.token_urlsafe(50),
            ENGINE_SCRIPT="1",
            ENGINE_SCRIPT_DELAY="0.15",
            EMAIL_URL=f"smtp://127.0.0.1:{self.gateways.smtp_port}",
            ALARM_WEBHOOK=f"{url}/alarm",
            DEADMAN_URL=f"{url}/ping",
            NOTICE_PRIVATE_HOSTS="127.0.0.1",
            LOG_LEVEL="WARNING",
            PYTHONPATH=str(ROOT),
        )

    def __enter__(self) -> "Stage":
        self.site.start()
        os.environ.update(
            {k: self.site.environment[k] for k in ("DATABASE_URL", "REDIS_URL")}
        )
        return self

    def __exit__(self, broken: type[BaseException] | None, *_: object) -> None:
        if broken:
            self._say_what_the_logs_say()
        from django.conf import settings
        from django.db import connections

        settings.SAFETY_KICKS = False
        connections["default"].close_pool()
        self.site.stop()
        self.folder.cleanup()

    @property
    def names(self) -> list[str]:
        return [child.program.name for child in self.site.supervisor.children]

    def scaled(self, number: float) -> int:
        return max(1, round(number * self.scale))

    def progress(self, line: str) -> None:
        """At most one in ten seconds."""
        now = time.monotonic()
        if now - self.told > 10:
            self.told = now
            print(f"  {time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)

    def play(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Lets time pass, restarting what died. True when `until` came true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if until():
                return True
            self.site.supervisor.tick()
        return until()

    def pid(self, name: str) -> int:
        child = self._child(name)
        return child.process.pid if child and child.process else 0

    def kill(self, name: str, number: int = signal.SIGKILL) -> bool:
        """The whole process group: the supervisor brings it back. Whether there was one
        to kill."""
        pid = self.pid(name)
        if pid:
            try:
                os.killpg(pid, number)
            except ProcessLookupError:  # so young that it leads no group yet
                os.kill(pid, number)
        return bool(pid)

    def put_down(self, *names: str) -> None:
        """Killed, and it stays dead."""
        for name in names:
            child = self._child(name)
            if child is None:
                continue
            self.kill(name)
            if child.process:
                child.process.wait()
                child.process = None
            self.site.supervisor.children.remove(child)
            self.down[name] = child.program

    def bring_back(self, *names: str) -> None:
        for name in names:
            program = self.down.pop(name)
            child = self.site.supervisor.launch(program)
            if program.ready:
                self.site.supervisor.wait(child)

    def reset(self) -> None:
        """Everything up, calm and steady: the next play begins as the first did."""
        from django.conf import settings

        settings.SAFETY_KICKS = True
        self.gateways.calm()
        self.bring_back(*list(self.down))
        for child in self.site.supervisor.children:
            child.delay, child.due = 0.2, 0.0
        self.play(60, self._beats)
        self.play(120, self._nothing_is_due)

    def web_is_ready(self) -> bool:
        from config.programs import web_is_ready

        return web_is_ready(self.site.environment)

    def steady(self, name: str) -> None:
        """Its next death counts as the first: no longer waits before a restart."""
        child = self._child(name)
        if child:
            child.delay, child.deaths = 0.2, 0

    def _say_what_the_logs_say(self) -> None:
        from config.supervisor import last_lines

        for log in sorted((Path(self.folder.name) / "logs").glob("*.log")):
            print(f"--- {log.stem}\n{last_lines(log, 30)}", file=sys.stderr)

    def _beats(self) -> bool:
        from django.db import Error, connection

        from safety import clock, heartbeats

        try:
            now = clock.now()
            ages = [heartbeats.age(kind, now) for kind in ("celery", "watchdog")]
        except Error:
            connection.close()
            return False
        return all(age is not None and age.total_seconds() < 4 for age in ages)

    def _nothing_is_due(self) -> bool:
        """What the play before has left is done: it would be load of the next."""
        from safety import clock, heartbeats

        return not heartbeats.lateness(clock.now())

    def _child(self, name: str):
        children = self.site.supervisor.children
        return next((one for one in children if one.program.name == name), None)
