"""The account that the embedded servers run as, and what it must be able to reach.

PostgreSQL refuses to run as root, so root gives it to an account that exists
already. No account is made, and no folder above the own ones changes its mode.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from config import home
from config.failure import StartFailed

SHIM = Path(__file__).with_name("shim.py")
OPEN_FOLDER = 0o755
ONLY_PASS = 0o711


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def account() -> Account | None:
    """Whom to become; None when this is no root and nobody has to be dropped to."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("APP_EMBEDDED_USER") or "nobody"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StartFailed(
            f"There is no account '{name}' to run PostgreSQL as. Name one in "
            "APP_EMBEDDED_USER, or start as a plain user."
        ) from None
    return Account(name, entry.pw_uid, entry.pw_gid)


def shim(
    command: list[str], *, when_parent_dies: int, owner: Account | None = None
) -> list[str]:
    """`command` so wrapped that it ends with this process and runs as `owner`."""
    start = [sys.executable, "-I", "-S", str(SHIM), "--parent", str(os.getpid())]
    start += ["--signal", str(when_parent_dies)]
    if owner:
        start += ["--uid", str(owner.uid), "--gid", str(owner.gid)]
    return [*start, *command]


def folder(path: Path, owner: Account | None) -> Path:
    """`path`, made if missing, open to `owner` alone."""
    make_home()
    if owner and not all(map(_passable, home.home().parents)):
        raise StartFailed(
            f"The account {owner.name}, which runs PostgreSQL for root, cannot reach "
            f"{home.home()}. Set COMPANION_HOME to a folder such as /var/lib/companion."
        )
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(stat.S_IRWXU)
    if owner:
        os.chown(path, owner.uid, owner.gid)
    return path


def make_home() -> None:
    """The state folder and the folder of the sockets: closed to others, but for root
    they may be passed through on the way to a folder of one's own."""
    mode = ONLY_PASS if os.geteuid() == 0 else stat.S_IRWXU
    for place in (home.home(), home.run_dir()):
        place.mkdir(parents=True, exist_ok=True)
        if place.stat().st_uid != os.geteuid():
            raise StartFailed(f"{place} belongs to another account.")
        place.chmod(mode)


def package(name: str, owner: Account | None) -> Path:
    """The folder of an installed package, or a copy of it where `owner` may run it.
    Found without an import: the package's own code does more than is wanted here.

    A virtual environment below a closed folder such as /root stays closed.
    """
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise StartFailed(
            f"The package {name} is not installed. Set DATABASE_URL and REDIS_URL to "
            "servers of your own, or install requirements.txt."
        )
    path = Path(found.origin).parent
    if owner is None or all(map(_passable, path.parents)):
        return path
    return _copied(path)


def _passable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXOTH)


def _copied(path: Path) -> Path:
    """The wheel's folder and the `.libs` beside it, copied once for each version."""
    place = home.home() / "bin"
    place.mkdir(mode=OPEN_FOLDER, parents=True, exist_ok=True)
    libraries = path.with_name(f"{path.name}.libs")
    for source in filter(Path.is_dir, (libraries, path)):
        copy = place / source.name
        if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
            _copy_whole(source, copy)
    return place / path.name


def _copy_whole(source: Path, target: Path) -> None:
    half = target.with_name(f"{target.name}.part")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(source, half, symlinks=True)
    for part in [half, *half.rglob("*")]:
        if not part.is_symlink():
            part.chmod(part.stat().st_mode | (OPEN_FOLDER if part.is_dir() else 0o444))
    shutil.rmtree(target, ignore_errors=True)
    half.rename(target)


def run_as(
    command: list[str], owner: Account | None, environment: dict[str, str]
) -> None:
    """Runs `command` to its end; its own words are in the failure."""
    done = subprocess.run(  # noqa: S603 - a program of a wheel of ours
        shim(command, when_parent_dies=signal.SIGKILL, owner=owner),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        name = Path(command[0]).name
        raise StartFailed(f"{name} failed: {(done.stderr or done.stdout).strip()}")
