"""The sha256 of large files. Standard library only."""

import hashlib
from pathlib import Path


def sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
