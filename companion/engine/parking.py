"""What chats had computed, set aside to go on from: in memory, then sealed on disk.

A copy costs milliseconds, reading again costs seconds. What lies on disk was sealed
with a key that only this process has, so nobody can read it, not even the next start.
"""

import hashlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.engine.seal import Seal

MEMORY = 256 * 1024 * 1024  # bytes; a token of the default model takes 28 KB
BEGINNINGS = 512 * 1024 * 1024
DISK = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parked:
    """A chat: its tokens, and the state of those from `start` on."""

    key: str
    tokens: tuple[int, ...]
    start: int
    state: bytes


class Parking:
    """Used by the model's own thread alone. What was needed longest ago goes first:
    from memory to `folder`, and from there away."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        memory: int = MEMORY,
        disk: int = DISK,
        beginnings: int = BEGINNINGS,
    ) -> None:
        self._folder = folder
        self._limits = (memory, disk if folder else 0, beginnings)
        self._chats: OrderedDict[str, Parked] = OrderedDict()
        self._on_disk: OrderedDict[str, tuple[Parked, int]] = OrderedDict()
        self._beginnings: OrderedDict[tuple[int, ...], bytes] = OrderedDict()
        self._size = 0  # bytes a token
        self._sweep()

    @property
    def chats(self) -> int:
        """How many are set aside. No length: an empty parking is there all the same."""
        return len(self._chats) + len(self._on_disk)

    @property
    def bytes_in_memory(self) -> int:
        return sum(len(parked.state) for parked in self._chats.values())

    @property
    def bytes_on_disk(self) -> int:
        return sum(size for _, size in self._on_disk.values())

    def has_room(self, tokens: int) -> bool:
        """Whether so many fit into memory, as far as earlier ones tell."""
        return self.bytes_in_memory + tokens * self._size <= self._limits[0]

    def put(self, parked: Parked) -> None:
        self._forget(parked.key)
        self._size = len(parked.state) // max(1, len(parked.tokens) - parked.start)
        self._chats[parked.key] = parked
        while self.bytes_in_memory > self._limits[0]:
            _, oldest = self._chats.popitem(last=False)
            self._write(oldest)

    def take(self, key: str) -> Parked | None:
        """The chat, which leaves the parking; None when it is not here any more."""
        if parked := self._chats.pop(key, None):
            return parked
        if entry := self._on_disk.pop(key, None):
            return self._read(entry[0])
        return None

    def put_beginning(self, tokens: list[int], state: bytes) -> None:
        """Beginnings hold nobody's words, and are kept apart from chats."""
        self._beginnings[tuple(tokens)] = state
        while sum(map(len, self._beginnings.values())) > self._limits[2]:
            self._beginnings.popitem(last=False)

    def beginning(self, tokens: list[int]) -> bytes | None:
        name = tuple(tokens)
        if name in self._beginnings:
            self._beginnings.move_to_end(name)
        return self._beginnings.get(name)

    def clear(self) -> None:
        for key in [*self._chats, *self._on_disk]:
            self._forget(key)
        self._beginnings.clear()

    def _forget(self, key: str) -> None:
        self._chats.pop(key, None)
        if self._on_disk.pop(key, None):
            self._file(key).unlink(missing_ok=True)

    def _write(self, parked: Parked) -> None:
        """Seal it onto the disk; a full disk only costs the time to read it again."""
        if self._folder is None or len(parked.state) > self._limits[1]:
            return
        sealed = self._seal.closed(parked.state, parked.key)
        path = self._file(parked.key)
        try:
            path.write_bytes(sealed)
        except OSError:
            path.unlink(missing_ok=True)
            return
        self._on_disk[parked.key] = (replace(parked, state=b""), len(sealed))
        while self.bytes_on_disk > self._limits[1]:
            self._forget(next(iter(self._on_disk)))

    def _read(self, parked: Parked) -> Parked | None:
        path = self._file(parked.key)
        try:
            state = self._seal.opened(path.read_bytes(), parked.key)
        except (OSError, ValueError):
            return None  # lost or changed by other hands: it is read again
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        return replace(parked, state=state)

    @cached_property
    def _seal(self) -> "Seal":
        # Loaded when it is needed: most sites park in memory alone.
        from companion.engine.seal import Seal  # noqa: PLC0415

        return Seal()

    def _file(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        return (self._folder or Path()) / f"{name}.parked"

    def _sweep(self) -> None:
        """What an earlier process left can be read by nobody."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._folder.glob("*.parked"):
            left.unlink(missing_ok=True)
