"""From the bytes of tokens to text that may be shown: whole characters only, and
nothing that may turn out to be the beginning of a stop string."""

import codecs


class Spelling:
    """`feed` bytes, say what it returns; `has_stopped` once a stop string came."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._held = ""
        self.has_stopped = False

    def feed(self, piece: bytes) -> str:
        self._held += self._decode(piece)
        if ends := [at for stop in self._stops if (at := self._held.find(stop)) >= 0]:
            self.has_stopped = True
            said, self._held = self._held[: min(ends)], ""
            return said
        kept = max((overlap(self._held, stop) for stop in self._stops), default=0)
        said = self._held[: len(self._held) - kept]
        self._held = self._held[len(said) :]
        return said

    def rest(self) -> str:
        """What was held back, when no stop string came. Half a character is lost."""
        said, self._held = self._held, ""
        return said


def overlap(text: str, awaited: str) -> int:
    """How many of the last characters of `text` may begin `awaited`."""
    longest = min(len(text), len(awaited) - 1)
    return next(
        (size for size in range(longest, 0, -1) if awaited.startswith(text[-size:])), 0
    )
