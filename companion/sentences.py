"""Cut a stream of text into sentences, so that each can be checked before it is shown.

Every character that goes in comes out again, once and in order.
"""

import re

LONGEST_HOLD = 160  # characters; a sentence that never ends is checked in pieces
_END = re.compile(r"[。！？!?…]+[\"'”’」』）)]*|\.(?=[\"'”’)]*\s)|\n+")


class Sentences:
    """Feed it pieces; it gives whole sentences and keeps the unfinished rest."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        self._rest += piece
        found: list[str] = []
        while cut := self._next_cut():
            found.append(self._rest[:cut])
            self._rest = self._rest[cut:]
        return found

    def rest(self) -> str:
        """What is left when the stream has ended."""
        left, self._rest = self._rest, ""
        return left

    def _next_cut(self) -> int:
        """Length of the first sentence, 0 while there is none."""
        end = _END.search(self._rest)
        if end and end.end() < len(self._rest):
            return end.end()
        if len(self._rest) > LONGEST_HOLD:
            blank = self._rest.rfind(" ", 0, LONGEST_HOLD)
            return blank + 1 if blank > 0 else LONGEST_HOLD
        return 0
