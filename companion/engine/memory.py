"""Which sequence holds what: chats between their turns, and the beginnings they share.

Chats borrow the cells of their persona's beginning, rest where they are, are parked
when others need the room and come back. Two chats share nothing but a beginning.
"""

from collections.abc import Iterable

from companion.engine.model import Model, Prompt, common
from companion.engine.parking import Parked, Parking
from companion.engine.sequence import Sequence

HEADS = 8
WORTH_SHARING = 16  # tokens; fewer are read again as fast
WORTH_PARKING = 8
RESTING = 2048  # cells; every cell in use costs each step a little (docs/engine.md)


class NoRoom(Exception):
    """Everything is in use: somebody has to end first."""


class Memory:
    """Counts what it promised: a chat that has a seat never runs out of cells."""

    def __init__(
        self,
        model: Model,
        parking: Parking,
        *,
        heads: int = HEADS,
        resting: int = RESTING,
    ) -> None:
        everything = [Sequence(number) for number in range(model.sequences)]
        self.heads, self.chats = everything[:heads], everything[heads:]
        self._model = model
        self._parking = parking
        self._resting = resting
        self._clock = 0

    @property
    def used(self) -> int:
        """Cells in use or promised."""
        return sum(s.cells for s in (*self.heads, *self.chats))

    def seat(self, prompt: Prompt, key: str, limit: int) -> Sequence:
        """A chat that holds as much of the prompt as can be had and may grow to
        `limit` tokens. Raises `NoRoom`."""
        chat = self._returned(prompt, key, limit) or self._new(prompt, limit)
        chat.key = key
        chat.used = self._tick()
        return chat

    def beginning(self, prompt: Prompt) -> Sequence | None:
        """The beginning of `prompt`, which may still have to be read; None when it is
        not worth it or there is no place for it."""
        if not self._is_shared(prompt):
            return None
        wanted = prompt.tokens[: prompt.shared]
        return self._known(wanted) or self._begun(wanted)

    def lend(self, chat: Sequence) -> None:
        """The beginning is there: let the chat start with it."""
        if chat.head:
            self._model.copy(chat.head.id, chat.id, chat.borrowed)
            chat.held = chat.borrowed

    def evict(self, *keep: Sequence | None) -> bool:
        """Make room: the chat or beginning that nobody needed for longest is parked.
        False when everything is needed."""
        idle = self._idle(*keep)
        if idle:
            self._put_away(min(idle, key=lambda s: s.used))
        return bool(idle)

    def rest(self, chat: Sequence, follows: list[int]) -> None:
        """Its reply is over, and `follows` is read when there is nothing else to do.
        What rests is parked when there is much of it."""
        chat.rest([])
        if chat.key and self.used + len(follows) <= self._model.cells:
            chat.rest(follows)
        while sum(s.cells for s in self._idle()) > self._resting:
            self.evict()

    def unread(self, room: int) -> list[tuple[Sequence, int]]:
        """Chats that rest and what of each can be read before it goes on, in `room`
        rows; who rests for the shortest time goes on soonest."""
        found = []
        for chat in sorted(self._resting_chats(), key=lambda c: -c.used):
            count = min(chat.pending, room)
            room -= count
            found += [(chat, count)] if count else []
        return found

    def settle(self) -> bool:
        """Put one chat that rests away: when it comes back its cells lie side by side,
        and meanwhile it costs nobody anything. False when none rests, or the disk
        would have to take it."""
        oldest = min(self._resting_chats(), key=lambda c: c.used, default=None)
        if oldest is None or not self._parking.has_room(oldest.cells):
            return False
        self._put_away(oldest)
        return True

    def restart(self, chats: Iterable[Sequence]) -> None:
        """After a step that failed: what it left behind goes; where the model cannot
        tell it apart, everything is read again."""
        for chat in chats:
            if not self._model.trim(chat.id, chat.held):
                chat.held = 0
                if chat.is_resting and chat not in self.heads:
                    chat.forget()

    def clear(self) -> None:
        for sequence in (*self.heads, *self.chats):
            sequence.forget()
        self._parking.clear()
        self._model.clear()

    # --- A chat that comes back

    def _returned(self, prompt: Prompt, key: str, limit: int) -> Sequence | None:
        if not key:
            return None
        for chat in self.chats:
            if chat.is_resting and chat.key == key:
                return self._went_on(chat, prompt, limit)
        if parked := self._parking.take(key):
            return self._unparked(parked, prompt, limit)
        return None

    def _went_on(self, chat: Sequence, prompt: Prompt, limit: int) -> Sequence | None:
        """The same chat with a longer prompt; None when it begins otherwise now."""
        kept = common(chat.wanted[: chat.held], prompt.tokens[:-1])
        if kept < max(chat.borrowed, prompt.shared):
            self._empty(chat)
            return None
        self._make_room(limit - chat.borrowed - chat.cells, chat)
        if not self._model.trim(chat.id, kept):
            chat.forget()
            return None
        chat.wanted, chat.held, chat.limit = list(prompt.tokens), kept, limit
        return chat

    def _unparked(self, parked: Parked, prompt: Prompt, limit: int) -> Sequence | None:
        """Bring a parked chat back, when its beginning is still there."""
        start, size = parked.start, len(parked.tokens)
        head = self.beginning(prompt) if start else None
        if start and (start != prompt.shared or head is None or head.pending):
            return None
        try:
            self._make_room(size - start, head)
            chat = self._free(head)
        except NoRoom:
            self._parking.put(parked)
            raise
        if not self._model.load(chat.id, parked.state):
            return None
        chat.wanted, chat.held = list(parked.tokens), size
        chat.key, chat.head, chat.borrowed = parked.key, head, start
        if head:
            self._model.copy(head.id, chat.id, start)
        return self._went_on(chat, prompt, limit)

    # --- A chat that is new here

    def _new(self, prompt: Prompt, limit: int) -> Sequence:
        shared = prompt.tokens[: prompt.shared] if self._is_shared(prompt) else []
        known = self._known(shared) if shared else None
        self._make_room(limit - (len(shared) if known else 0), known)
        chat = self._free(known)
        head = known or (self._begun(shared) if shared else None)
        chat.wanted, chat.held, chat.limit = list(prompt.tokens), 0, limit
        chat.head, chat.borrowed = head, len(shared) if head else 0
        if head and not head.pending:
            self.lend(chat)
        return chat

    def _is_shared(self, prompt: Prompt) -> bool:
        return WORTH_SHARING <= prompt.shared < len(prompt.tokens)

    def _known(self, wanted: list[int]) -> Sequence | None:
        for head in self.heads:
            if head.wanted == wanted:
                head.used = self._tick()
                return head
        return None

    def _begun(self, wanted: list[int]) -> Sequence | None:
        """A place for a beginning; filled at once when it was parked."""
        free = next((head for head in self.heads if head.is_free), None)
        try:
            head = free or self._emptied(self.heads)
            self._make_room(len(wanted), head)
        except NoRoom:
            return None
        head.wanted, head.limit, head.used = list(wanted), len(wanted), self._tick()
        state = self._parking.beginning(wanted)
        if state and self._model.load(head.id, state):
            head.held = len(wanted)
        return head

    # --- Room

    def _make_room(self, cells: int, *keep: Sequence | None) -> None:
        while self.used + cells > self._model.cells:
            if not self.evict(*keep):
                raise NoRoom

    def _free(self, *keep: Sequence | None) -> Sequence:
        free = next((c for c in self.chats if c.is_free), None)
        return free or self._emptied(self.chats, *keep)

    def _emptied(self, among: list[Sequence], *keep: Sequence | None) -> Sequence:
        """The one that nobody needed for longest, put away."""
        idle = [s for s in self._idle(*keep) if s in among]
        if not idle:
            raise NoRoom
        self._put_away(oldest := min(idle, key=lambda s: s.used))
        return oldest

    def _idle(self, *keep: Sequence | None) -> list[Sequence]:
        """Chats that rest and beginnings that are lent to nobody."""
        lent = {chat.head.id for chat in self.chats if chat.head}
        return [
            s
            for s in (*self.chats, *self.heads)
            if s.is_resting and s.id not in lent and s not in keep
        ]

    def _resting_chats(self) -> list[Sequence]:
        return [chat for chat in self.chats if chat.is_resting]

    def _put_away(self, sequence: Sequence) -> None:
        if sequence.key and sequence.held - sequence.borrowed >= WORTH_PARKING:
            self._park(sequence)
        elif sequence in self.heads and not sequence.pending:
            self._park_beginning(sequence)
        self._empty(sequence)

    def _park(self, chat: Sequence) -> None:
        if state := self._model.save(chat.id, chat.borrowed):
            tokens = tuple(chat.wanted[: chat.held])
            self._parking.put(Parked(chat.key, tokens, chat.borrowed, state))

    def _park_beginning(self, head: Sequence) -> None:
        if self._parking.beginning(head.wanted) is None:
            self._parking.put_beginning(head.wanted, self._model.save(head.id, 0))

    def _empty(self, sequence: Sequence) -> None:
        self._model.trim(sequence.id, 0)
        sequence.forget()

    def _tick(self) -> int:
        self._clock += 1
        return self._clock
