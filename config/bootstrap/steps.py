"""The steps of `make run` and `make test`, from top to bottom."""

import fcntl
import hashlib
import os
import secrets
import stat
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from config import home, lock, ports
from config.bootstrap import conditions, engine, progress, venv
from config.failure import StartFailed


def main(given: list[str]) -> None:
    parser = ArgumentParser(prog="config/bootstrap")
    parser.add_argument("what", choices=["run", "test"])
    settle_home()
    {"run": run, "test": test}[parser.parse_args(given).what]()


def run() -> None:
    """Sets up what is missing, then becomes `manage.py up`."""
    conditions.check_system()
    conditions.check_writable()
    held = lock.take()
    ports.check_free()
    with alone():
        prepare("run", model="")
    make_secret_key()
    lock.hand_on(held)
    become("manage.py", "up")


def test() -> None:
    """Sets up what is missing, then becomes the test runner."""
    conditions.check_system()
    conditions.check_writable()
    with alone():
        prepare("test", model=engine.TEST_MODEL)
    become("-m", "tests.run")


def settle_home() -> None:
    """Root gives PostgreSQL to another account, which must be able to reach it."""
    folders = [home.BASE_DIR, *home.BASE_DIR.parents]
    closed = any(not above.stat().st_mode & stat.S_IXOTH for above in folders)
    if os.geteuid() == 0 and closed and not os.environ.get("COMPANION_HOME"):
        label = hashlib.sha256(str(home.BASE_DIR).encode()).hexdigest()[:12]
        os.environ["COMPANION_HOME"] = f"/var/lib/companion-{label}"
        print(f"{'state':<10} {home.home()} (COMPANION_HOME for manage.py)")


def prepare(kind: str, *, model: str) -> None:
    if not (venv.is_made() and venv.is_installed(kind) and engine.is_ready(model)):
        conditions.check_disk(home.BASE_DIR, home.home(), home.cache())
        engine.check()
    if not venv.is_made():
        with progress.step("venv"):
            venv.make()
    if not venv.is_installed(kind):
        with progress.step("packages"):
            venv.install(kind)
    engine.prepare(model)


@contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: all starts of this folder share one environment."""
    place = home.BASE_DIR / "var"
    place.mkdir(exist_ok=True)
    with (place / "setup.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartFailed(
                "Another start sets this folder up just now. Wait until it is done."
            ) from None
        yield


def make_secret_key() -> None:
    """Once; whole or not at all; readable for its owner alone."""
    key = home.home() / "secret_key"
    if key.exists() or os.environ.get("SECRET_KEY"):
        return
    half = key.with_suffix(".part")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    half.replace(key)


def become(*arguments: str) -> None:
    os.chdir(home.BASE_DIR)
    sys.stdout.flush()
    os.execv(venv.PYTHON, [str(venv.PYTHON), *arguments])  # noqa: S606 - on purpose
