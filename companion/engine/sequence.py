"""One line of tokens in the model's memory: a chat, or the beginning that chats share.

Bookkeeping only: computes nothing and knows no text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from companion.engine.reply import Reply


@dataclass(eq=False, slots=True)
class Sequence:
    """`wanted` are the tokens that it should hold, the first `held` of them it does.

    The first `borrowed` of them lie in the cells of `head`, the beginning that it
    shares. `limit` is the length that it may reach, `used` tells when it was needed.
    """

    id: int
    wanted: list[int] = field(default_factory=list)
    held: int = 0
    borrowed: int = 0
    limit: int = 0
    key: str = ""
    used: int = 0
    head: Sequence | None = None
    reply: Reply | None = None

    @property
    def pending(self) -> int:
        """How many tokens are still to be computed; 1 for a chat that is speaking."""
        return len(self.wanted) - self.held

    @property
    def awaits_head(self) -> bool:
        return self.head is not None and self.held < self.borrowed

    @property
    def is_free(self) -> bool:
        return not self.wanted

    @property
    def is_resting(self) -> bool:
        """A chat that may go on, with nobody waiting for it now."""
        return bool(self.wanted) and self.reply is None

    @property
    def cells(self) -> int:
        """How many cells of its own it has or may come to need."""
        return max(self.limit, self.held) - self.borrowed

    def rest(self, follows: list[int]) -> None:
        """The reply is over: what was computed stays, what was not is forgotten.
        `follows` comes behind it when the chat goes on."""
        self.wanted[self.held :] = follows
        self.reply, self.limit = None, len(self.wanted)
        if not self.held:
            self.forget()

    def forget(self) -> None:
        self.wanted, self.held, self.borrowed, self.limit = [], 0, 0, 0
        self.key, self.head, self.reply = "", None, None
