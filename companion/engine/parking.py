"""Evaluated beginnings set aside: copies of what the model has read, to go on from.

A copy costs tenths of a millisecond, reading again costs seconds. Used by the model's
own thread only; forgets what was used longest ago when its room is full.
"""

import ctypes
from collections import OrderedDict

import llama_cpp.llama_cpp as native

ROOM = 384 * 1024 * 1024  # bytes; a token of the default model takes 28 KB
Tokens = tuple[int, ...]


class Parking:
    """States of one sequence by the tokens that led to them. Those of a beginning stay;
    a chat that went on takes the place of its own earlier state."""

    def __init__(self, context: native.llama_context_p, sequence: int) -> None:
        self._context = context
        self._sequence = sequence
        self._states: OrderedDict[Tokens, ctypes.Array[ctypes.c_uint8]] = OrderedDict()
        self._beginnings: set[Tokens] = set()

    def park(self, tokens: list[int], *, beginning: bool = False) -> None:
        """Set the sequence aside as it stands."""
        size = native.llama_state_seq_get_size(self._context, self._sequence)
        state = (ctypes.c_uint8 * size)()
        written = native.llama_state_seq_get_data(
            self._context, state, size, self._sequence
        )
        if written != size:
            return
        name = tuple(tokens)
        self._drop_earlier(name)
        self._states[name] = state
        if beginning:
            self._beginnings.add(name)
        self._make_room()

    def best(self, wanted: list[int]) -> tuple[Tokens, int]:
        """The parked tokens that share the longest beginning, and its length."""
        found: tuple[Tokens, int] = ((), 0)
        for tokens in self._states:
            shared = common(tokens, wanted)
            if shared > found[1]:
                found = (tokens, shared)
        return found

    def bring_back(self, tokens: Tokens) -> bool:
        """Put a parked state into the empty sequence; false when the model refuses."""
        state = self._states[tokens]
        self._states.move_to_end(tokens)
        read = native.llama_state_seq_set_data(
            self._context, state, len(state), self._sequence
        )
        if not read:
            del self._states[tokens]
        return bool(read)

    def clear(self) -> None:
        self._states.clear()
        self._beginnings.clear()

    def _drop_earlier(self, name: Tokens) -> None:
        """What the chat of `name` was before it went on."""
        for tokens in list(self._states):
            if tokens not in self._beginnings and name[: len(tokens)] == tokens:
                del self._states[tokens]

    def _make_room(self) -> None:
        for tokens in [t for t in self._states if t not in self._beginnings][:-1]:
            if sum(map(len, self._states.values())) <= ROOM:
                return
            del self._states[tokens]


def common(kept: Tokens | list[int], wanted: list[int]) -> int:
    """How many tokens both begin with."""
    shared = 0
    for old, new in zip(kept, wanted, strict=False):
        if old != new:
            break
        shared += 1
    return shared
