"""Brings a model of the catalogue to this machine: `python -m companion.engine.fetch`.

Standard library only: the start-up calls it before anything is installed. A file gets
its name only after its sha256 was found right.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from companion.engine import catalogue, hub, wheels
from companion.engine.catalogue import Entry, NoModel
from companion.engine.progress import MEGABYTE, Say
from companion.engine.sums import sum_of

SPARE_BYTES = 200 * MEGABYTE  # a disk that is quite full breaks more than a download
MAGIC = b"GGUF"


def pull(name: str, say: Say) -> Path:
    """The path of the model; raises `NoModel` with what to do.

    Sources are tried in order. What has arrived is kept, so that a pull that was
    interrupted goes on where it stopped.
    """
    known = catalogue.entry(name) if name else catalogue.default()
    if _is_here(known):
        say(f"{known.name} is here already.")
        return known.path
    known.path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(known, say):
        if not _is_here(known):
            _fetch(known, say)
    say(f"{known.name} is here and its sha256 is right.")
    return known.path


def verify(known: Entry) -> str:
    """The sha256 of the file; raises `NoModel` when it is another than it must be."""
    if not known.path.is_file():
        raise NoModel(f"{known.name} is not here. 'manage.py model pull' gets it.")
    found = sum_of(known.path)
    wanted = catalogue.checksum(known)
    if wanted and found != wanted:
        raise NoModel(
            f"{known.path} has the sha256 {found} and must have {wanted}. "
            f"Remove it and run 'manage.py model pull {known.name}'."
        )
    return found


def _is_here(known: Entry) -> bool:
    """A file got its name after a check, so a look at its size is enough."""
    if not known.path.is_file():
        return False
    return known.bytes in {0, known.path.stat().st_size}


def _fetch(known: Entry, say: Say) -> None:
    failures: list[str] = []
    for address in known.urls:
        try:
            _room(known, known.bytes)
            _accept(known, hub.download(known, address, say))
            return
        except (OSError, NoModel, ValueError) as problem:
            failures.append(f"{hub.host(address)}: {problem}")
            say(f"{known.name}: no luck at {failures[-1]}")
    if known.packages:
        try:
            _room(known, 2 * known.bytes)  # the parts, and the file made of them
            _accept(known, wheels.download(known, known.packages, say))
            wheels.clean(known)
            return
        except (OSError, NoModel, ValueError) as problem:
            failures.append(f"packages: {problem}")
    raise NoModel(
        f"{known.name} could not be fetched ({'; '.join(failures)}). Run the same "
        "command again when the connection is back, what has arrived is kept; or put "
        f"the file at {known.path} yourself and run 'manage.py model verify'."
    )


def _accept(known: Entry, arrived: Path) -> None:
    """Check what arrived and give it its name; what is wrong is deleted."""
    found = sum_of(arrived)
    wanted = catalogue.checksum(known)
    with arrived.open("rb") as file:
        is_model = file.read(len(MAGIC)) == MAGIC
    if not is_model or (wanted and found != wanted):
        arrived.unlink()
        wheels.clean(known)
        raise NoModel(
            f"what came has the sha256 {found} instead of {wanted}; it was deleted"
            if is_model
            else "what came is no GGUF model; it was deleted"
        )
    if not wanted:
        catalogue.record(known, found)
    arrived.replace(known.path)


def _room(known: Entry, needed: int) -> None:
    free = shutil.disk_usage(known.path.parent).free
    here = sum(path.stat().st_size for path in known.path.parent.glob("*.part"))
    if free + here < needed + SPARE_BYTES:
        raise NoModel(
            f"{known.path.parent} has {free // MEGABYTE} MB free and "
            f"{(needed + SPARE_BYTES) // MEGABYTE} MB are needed; COMPANION_CACHE "
            "names another folder"
        )


@contextmanager
def _alone(known: Entry, say: Say) -> Iterator[None]:
    """One pull of a model at a time on this machine; the lock dies with its holder."""
    with known.path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{known.name} is being fetched by another process; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tell(line: str) -> None:
    """A line that replaces the last one on a terminal, and follows it in a log."""
    end = "\r\033[K" if sys.stdout.isatty() else ""
    sys.stdout.write(f"{end}{line}" if end else f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    try:
        pull(arguments[0] if arguments else "", _tell)
    except NoModel as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        return os.EX_TEMPFAIL
    if sys.stdout.isatty():
        sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
