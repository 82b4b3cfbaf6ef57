"""Downloads a file from a model hub, and goes on where an earlier try stopped.

Standard library only. Judges nothing: the caller checks the sum.
"""

import shutil
import urllib.request
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from companion.engine.catalogue import Entry
from companion.engine.progress import Progress, Say

SILENCE_SECONDS = 5.0  # to connect, and between two pieces
TRIES = 5
PIECE = 1 << 20


def host(address: str) -> str:
    return urlsplit(address).hostname or address


def download(known: Entry, address: str, say: Say) -> Path:
    """The whole file beside its later place; raises `OSError` or `ValueError`.

    A break in the middle is tried again as long as each try brings something.
    """
    part = known.path.with_name(f"{known.file}.{host(address)}.part")
    tries = TRIES
    while True:
        before = _size(part)
        try:
            _go_on(known, address, part, say)
            return part
        except (OSError, HTTPException) as problem:
            tries = TRIES if _size(part) > before else tries - 1
            if isinstance(problem, HTTPError) or not _size(part) or not tries:
                raise OSError(_reason(problem)) from None


def _go_on(known: Entry, address: str, part: Path, say: Say) -> None:
    have = _size(part)
    if have and have == known.bytes:
        return
    asked = urllib.request.Request(address, headers={"User-Agent": "companion"})  # noqa: S310 - the catalogue's own addresses
    if have:
        asked.add_header("Range", f"bytes={have}-")
    try:
        answer = _open(asked)
    except HTTPError as problem:
        if problem.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()  # longer than the file there: it is another one
        raise
    with answer:
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            have = 0
        total = have + int(answer.headers.get("Content-Length") or 0)
        _check_size(known, total)
        _copy(answer, part, have, Progress(known.name, total, say, have=have))
    if total and _size(part) < total:
        raise OSError("the connection broke")


def _copy(answer: HTTPResponse, part: Path, have: int, progress: Progress) -> None:
    with part.open("ab" if have else "wb") as file:
        while piece := answer.read(PIECE):
            file.write(piece)
            progress.add(len(piece))


def _check_size(known: Entry, total: int) -> None:
    if known.bytes and total and total != known.bytes:
        raise ValueError(f"it offers {total} bytes instead of {known.bytes}")
    if not known.bytes and total > shutil.disk_usage(known.path.parent).free:
        raise ValueError(f"{total} bytes do not fit on the disk")


def _open(asked: urllib.request.Request) -> HTTPResponse:
    opened = urllib.request.urlopen(asked, timeout=SILENCE_SECONDS)  # noqa: S310 - as above
    return cast(HTTPResponse, opened)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(problem: Exception) -> str:
    reason = getattr(problem, "reason", None) or problem
    return str(reason) or type(problem).__name__
