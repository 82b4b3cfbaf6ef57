"""The tokens that a reply was made of, to be found again by its text.

A text can be cut into tokens in several ways. When a chat goes on, its earlier replies
must be the very tokens that were computed, or everything behind them is read again.
Keeps no text, only its hash.
"""

import hashlib
import threading
from collections import OrderedDict

REMEMBERED = 4096  # replies; the oldest are forgotten, which costs only time


class Said:
    """Safe from any thread."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._tokens: OrderedDict[bytes, tuple[int, ...]] = OrderedDict()
        self._changing = threading.Lock()

    def remember(self, key: str, text: str, tokens: list[int]) -> None:
        """Surrounding blanks do not count: a page drops them."""
        if not key or not text.strip():
            return
        with self._changing:
            self._tokens[_name(key, text)] = tuple(tokens)
            while len(self._tokens) > self._limit:
                self._tokens.popitem(last=False)

    def tokens(self, key: str, text: str) -> tuple[int, ...] | None:
        return self._tokens.get(_name(key, text)) if key else None


def _name(key: str, text: str) -> bytes:
    return hashlib.sha256(f"{key}\0{text.strip()}".encode(errors="replace")).digest()
