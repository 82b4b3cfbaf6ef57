"""The processes of the site, in the order in which they start."""

import os
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from config import home
from config.failure import StartFailed
from config.ports import host, port
from config.supervisor import Program

PYTHON = sys.executable
MANAGE = str(home.BASE_DIR / "manage.py")


def programs(environment: Mapping[str, str]) -> list[Program]:
    def manage(name: str) -> Program:
        command = [PYTHON, MANAGE, name]
        ready = (lambda: web_is_ready(environment)) if name == "web" else None
        return Program(name=name, command=command, environment=environment, ready=ready)

    engine = [] if environment.get("ENGINE_URL") else [manage("engine")]
    celery = [
        worker(environment, "worker", queue="celery", threads=2),
        # More threads than notices sent at once: duties never wait for a provider.
        worker(environment, "urgent", queue="urgent", threads=10),
        beat(environment),
    ]
    return [*engine, manage("web"), *celery, manage("watchdog")]


def worker(
    environment: Mapping[str, str], name: str, *, queue: str, threads: int
) -> Program:
    # Threads: a pool of processes would outlive a killed worker.
    pool = ["--pool", "threads", "--concurrency", str(threads)]
    which = ["--queues", queue, "--hostname", f"{name}@%h"]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    return Program(
        name=name,
        command=[*_celery("worker"), *which, *pool, *quiet],
        environment=environment,
        grace=60,  # it finishes the tasks that it has begun
    )


def beat(environment: Mapping[str, str]) -> Program:
    schedule = ["--schedule", str(home.run_dir() / "beat"), "--pidfile", ""]
    return Program(
        name="beat",
        command=[*_celery("beat"), *schedule, "--loglevel", "WARNING"],
        environment=environment,
    )


def _celery(name: str) -> list[str]:
    folder = ["--workdir", str(home.BASE_DIR)]
    return [PYTHON, "-m", "celery", "-A", "config", *folder, name]


def web_is_ready(environment: Mapping[str, str]) -> bool:
    """Asks as a proxy in front would, so that it holds with https addresses too."""
    public = urlsplit(environment["PUBLIC_URL"])
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    connection = HTTPConnection(_reachable(host()), port(), timeout=2)
    try:
        connection.request("GET", "/readyz", headers=headers)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _reachable(address: str) -> str:
    return "127.0.0.1" if address == "0.0.0.0" else address  # noqa: S104 - a comparison


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What every process of the site is told."""
    given = os.environ | dict(extra)
    given.setdefault("PUBLIC_URL", f"http://localhost:{port()}")
    given["PYTHONUNBUFFERED"] = "1"
    given["PYTHONPATH"] = str(home.BASE_DIR)
    if os.geteuid() == 0:
        given["C_FORCE_ROOT"] = "1"
    if given["PUBLIC_URL"].endswith("/"):
        raise StartFailed("PUBLIC_URL must not end with a slash.")
    return given
