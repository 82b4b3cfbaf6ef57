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
    """States of one sequence by the tokens that led to them."""

    def __init__(self, context: native.llama_context_p, sequence: int) -> None:
        self._context = context
        self._sequence = sequence
        self._states: OrderedDict[Tokens, ctypes.Array[ctypes.c_uint8]] = OrderedDict()

    def park(self, tokens: list[int]) -> None:
        """Set the sequence aside as it stands."""
        size = native.llama_state_seq_get_size(self._context, self._sequence)
        state = (ctypes.c_uint8 * size)()
        native.llama_state_seq_get_data(self._context, state, size, self._sequence)
        self._states[tuple(tokens)] = state
        self._states.move_to_end(tuple(tokens))
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
        return bool(read)

    def clear(self) -> None:
        self._states.clear()

    def _make_room(self) -> None:
        while len(self._states) > 1 and sum(map(len, self._states.values())) > ROOM:
            self._states.popitem(last=False)


def common(kept: Tokens | list[int], wanted: list[int]) -> int:
    """How many tokens both begin with."""
    shared = 0
    for old, new in zip(kept, wanted, strict=False):
        if old != new:
            break
        shared += 1
    return shared
