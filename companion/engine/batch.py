"""The rows of a step in the memory that llama.cpp reads them from, made once."""

import ctypes
from typing import Any

from companion.engine.bindings import native
from companion.engine.model import Rows


class Batch:
    """Never holds more rows than `width`, nor more of them to sample from than
    `outputs`: llama.cpp ends the process over that."""

    def __init__(self, width: int, outputs: int) -> None:
        self.width = width
        self.outputs = outputs
        self._tokens: Any = (native.llama_token * width)()
        self._positions: Any = (native.llama_pos * width)()
        self._sequences: Any = (native.llama_seq_id * width)()
        self._outputs = (ctypes.c_int8 * width)()
        self._one = (ctypes.c_int32 * width)(*[1] * width)
        # A pointer for each row: to the one sequence that it belongs to.
        size = ctypes.sizeof(native.llama_seq_id)
        pointer = ctypes.POINTER(native.llama_seq_id)
        each = (ctypes.byref(self._sequences, size * row) for row in range(width))
        self._each = (pointer * width)(*(ctypes.cast(at, pointer) for at in each))
        self._native = native.llama_batch(
            token=self._tokens,
            pos=self._positions,
            n_seq_id=self._one,
            seq_id=self._each,
            logits=self._outputs,
        )

    def filled(self, rows: Rows) -> native.llama_batch:
        count = len(rows)
        if not 0 < count <= self.width or len(rows.outputs) > self.outputs:
            raise ValueError(f"{count} rows do not fit into {self.width}")
        self._tokens[:count] = rows.tokens
        self._positions[:count] = rows.positions
        self._sequences[:count] = rows.sequences
        ctypes.memset(self._outputs, 0, count)
        for row in rows.outputs:
            self._outputs[row] = 1
        self._native.n_tokens = count
        return self._native
