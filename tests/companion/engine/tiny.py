"""A model of the catalogue that is small enough to be pulled in a test."""

import hashlib

from companion.engine import places
from companion.engine.catalogue import Entry

WHOLE = b"GGUF" + bytes(range(256)) * 9000
SIZE = len(WHOLE)
SUM = hashlib.sha256(WHOLE).hexdigest()


def model(*urls, packages=None, sha256=SUM, size=SIZE):
    return Entry(
        name="tiny",
        file="tiny.gguf",
        sha256=sha256,
        bytes=size,
        memory=1,
        languages=("en",),
        licence="none",
        good_for="tests",
        urls=urls,
        packages=packages,
    )


def left_behind():
    names = {path.name for path in places.models().iterdir()}
    return names - {"tiny.gguf", "tiny.lock", "checksums.json"}
