"""Drops what a reasoning model writes between <think> and </think>.

Holds back only what may be the beginning of a tag, so nothing inside ever leaks.
"""

from companion.engine.spelling import overlap

OPENS, CLOSES = "<think>", "</think>"


class Thoughts:
    """Text goes in piece by piece and comes out without the thoughts in it."""

    def __init__(self) -> None:
        self._held = ""
        self._tag = OPENS  # the tag that is waited for
        self._trims = False  # after a thought: its blank lines are no text either

    def feed(self, text: str) -> str:
        self._held += text
        said = ""
        while self._tag in self._held:
            before, _, self._held = self._held.partition(self._tag)
            said += self._spoken(before)
            self._trims = self._tag == CLOSES
            self._tag = OPENS if self._tag == CLOSES else CLOSES
        kept = overlap(self._held, self._tag)
        free = self._held[: len(self._held) - kept]
        self._held = self._held[len(self._held) - kept :]
        return said + self._spoken(free)

    def rest(self) -> str:
        """What was held back and turned out to be text after all."""
        rest, self._held = self._spoken(self._held), ""
        return rest

    def _spoken(self, text: str) -> str:
        if self._tag == CLOSES:
            return ""
        if self._trims:
            text = text.lstrip()
            self._trims = not text
        return text
