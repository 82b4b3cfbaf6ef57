"""The root keys: outside the database, outside the settings, one file per version.

The newest version wraps, older ones only unwrap. Nothing here logs or returns a key.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from vault.lists import packed

KEY_BYTES = 32
_NAME = re.compile(r"^root-(\d{6})\.key$")


class KeyringMissing(Exception):
    """There is no usable root key; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FileKeyring:
    """A folder of files `root-000001.key`, 32 random bytes each, mode 0400."""

    folder: Path

    def create(self) -> int:
        """Make the next version and return its number. Never overwrites one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        version = max(self.versions(), default=0) + 1
        path = self._path(version)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        return version

    def versions(self) -> list[int]:
        if not self.folder.is_dir():
            return []
        names = (_NAME.match(path.name) for path in self.folder.iterdir())
        return sorted(int(name[1]) for name in names if name)

    def primary(self) -> int:
        """The version that wraps. Raises `KeyringMissing`."""
        versions = self.versions()
        if not versions:
            raise KeyringMissing(
                f"No root key in {self.folder}. Make one with "
                "'manage.py keyring create' and back it up apart from the database."
            )
        return versions[-1]

    def wrap(self, key: bytes, *, version: int, context: tuple[str, ...]) -> bytes:
        """RFC 3394 key wrap under a key derived from root key and context, so that
        a wrapped key opens for its owner and purpose alone."""
        return aes_key_wrap(self._wrapping_key(version, context), key)

    def unwrap(self, blob: bytes, *, version: int, context: tuple[str, ...]) -> bytes:
        """Raises `InvalidUnwrap` for another owner, purpose or a changed blob."""
        return aes_key_unwrap(self._wrapping_key(version, context), blob)

    def _wrapping_key(self, version: int, context: tuple[str, ...]) -> bytes:
        info = packed("companion/dek-wrap/1", *context)
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
        return derive.derive(self._root(version))

    def _root(self, version: int) -> bytes:
        try:
            root = self._path(version).read_bytes()
        except FileNotFoundError as missing:
            raise KeyringMissing(
                f"Root key version {version} is not in {self.folder}."
            ) from missing
        if len(root) != KEY_BYTES:
            raise KeyringMissing(f"Root key version {version} is damaged.")
        return root

    def _path(self, version: int) -> Path:
        return self.folder / f"root-{version:06d}.key"


__all__ = ["FileKeyring", "InvalidUnwrap", "KeyringMissing"]
