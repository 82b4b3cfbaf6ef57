"""The rows of a step in the memory that llama.cpp reads them from, made once."""

import ctypes
from typing import Any

import llama_cpp.llama_cpp as native
import numpy as np

from companion.engine.model import Rows


class Batch:
    """Never holds more rows than `width`, nor more of them to sample from than
    `outputs`: llama.cpp ends the process over that."""

    def __init__(self, width: int, outputs: int) -> None:
        self.width = width
        self.outputs = outputs
        self._tokens = np.zeros(width, np.int32)
        self._positions = np.zeros(width, np.int32)
        self._sequences = np.zeros(width, np.int32)
        self._outputs = np.zeros(width, np.int8)
        self._one = np.ones(width, np.int32)
        # A pointer for each row: to the one sequence that it belongs to.
        step, first = self._sequences.itemsize, self._sequences.ctypes.data
        self._each = first + step * np.arange(width, dtype=np.int64)
        self._native = native.llama_batch(
            token=_at(self._tokens, native.llama_token),
            pos=_at(self._positions, native.llama_pos),
            n_seq_id=_at(self._one, ctypes.c_int32),
            seq_id=_at(self._each, ctypes.POINTER(native.llama_seq_id)),
            logits=_at(self._outputs, ctypes.c_int8),
        )

    def filled(self, rows: Rows) -> native.llama_batch:
        count = len(rows)
        if not 0 < count <= self.width or len(rows.outputs) > self.outputs:
            raise ValueError(f"{count} rows do not fit into {self.width}")
        self._tokens[:count] = rows.tokens
        self._positions[:count] = rows.positions
        self._sequences[:count] = rows.sequences
        self._outputs[:count] = 0
        self._outputs[rows.outputs] = 1
        self._native.n_tokens = count
        return self._native


def _at(array: Any, kind: type) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))
