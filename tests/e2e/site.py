"""A whole installation in a folder of its own: every process, the real small model.

Started once for all stories by `manage.py up`, on the PostgreSQL and Valkey of this
test run and a database of its own.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Site:
    """`url` of the running site, `passwords` of the demo cast by e-mail address."""

    home: Path
    model: str
    threads: int = 1
    port: int = field(default_factory=free_port)
    up: subprocess.Popen | None = None
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """A database of this site's own beside the one of the test run."""
        parts = urlsplit(os.environ["DATABASE_URL"])
        return urlunsplit(parts._replace(path=f"/stories_{self.port}"))

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {
            "COMPANION_HOME": str(self.home),
            "DATABASE_URL": self.database,
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "ENGINE_MODEL_PATH": self.model,
            "ENGINE_THREADS": str(self.threads),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def start(self) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
            admin.execute(f"create database stories_{self.port}")
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("w") as log:
            self.up = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_for_web()
        self.wait_for_engine()
        self.passwords = self._cast()

    def stop(self) -> None:
        if self.up is None:
            return
        self.up.send_signal(signal.SIGTERM)
        self.up.wait(timeout=60)

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query, values).fetchall()

    def engine_requests(self) -> int:
        """How many replies the engine was asked for since it started."""
        return int(self.engine_health()["requests"])

    def engine_health(self) -> dict[str, object]:
        path = str(self.home / "run" / "engine.sock")
        with socket.socket(socket.AF_UNIX) as knock:  # httpx leaves a refused one open
            knock.connect(path)
        wire = httpx.HTTPTransport(uds=path)
        with httpx.Client(transport=wire, base_url="http://engine") as client:
            return client.get("/health", timeout=5).json()

    def kill(self, name: str) -> None:
        """SIGKILL the process that the supervisor calls `name`."""
        for pid in self._children():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if any(part.rpartition(b".")[2] == name.encode() for part in command):
                os.kill(pid, signal.SIGKILL)
                return
        raise AssertionError(f"no process {name}")

    def wait_for_engine(self) -> None:
        self._wait(lambda: self.engine_health()["status"] == "ok")

    def wait_for_web(self) -> None:
        self._wait(lambda: httpx.get(f"{self.url}/readyz").status_code == 200)

    def logs(self) -> str:
        return "\n".join(
            path.read_text(errors="replace")
            for path in [*self.home.glob("logs/*"), self.home / "up.log"]
            if path.is_file()
        )

    def newest_code(self, address: str) -> str:
        """The sign-up code in the newest mail to `address`."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for path in sorted(
                (self.home / "mail").glob("*"), key=lambda p: -p.stat().st_mtime
            ):
                mail = path.read_text()
                if address in mail and (
                    found := re.search(
                        r"^([0-9A-Z]{4,}(?:-[0-9A-Z]{3,})?)$", mail, re.M
                    )
                ):
                    return found[1]
            time.sleep(0.2)
        raise AssertionError(f"no mail with a code to {address}")

    def _children(self) -> list[int]:
        assert self.up
        listed = Path(f"/proc/{self.up.pid}/task/{self.up.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def _wait(self, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.up and self.up.poll() is None:
            with suppress(httpx.HTTPError, OSError):
                if is_there():
                    return
            time.sleep(0.2)
        raise AssertionError(f"the site does not answer:\n{self.logs()[-4000:]}")

    def _cast(self) -> dict[str, str]:
        """Sign-in names and passwords, as `manage.py demo` prints them."""
        cast = json.loads(self.manage("demo", "--json"))
        return {person["email"]: person["password"] for person in cast}
