"""A GGUF model through llama.cpp: many sequences in one memory.

All of it but `prepare` and `remember` belongs to one thread. Never hands llama.cpp more
rows than it was promised, nor a position that it cannot have: it answers the one by
ending the process and the other not at all.
"""

import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path

from companion.engine import openblas
from companion.engine.batch import Batch
from companion.engine.bindings import native
from companion.engine.catalogue import titled
from companion.engine.model import Outcome, Prompt, Rows
from companion.engine.request import EngineFailed, GenerationRequest, Sampling
from companion.engine.said import Said
from companion.engine.sampler import Sampler, Table
from companion.engine.vocabulary import Vocabulary
from companion.engine.weights import loaded_context, loaded_model, set_adapter

WIDTH = 256
SEQUENCES = 40  # chats that may rest at once, beginnings, and one to copy with
WINDOW = 8192
USUAL = Sampling()


class Llama:
    """Loads `path`; raises `ValueError` with what is wrong with it. `with_openblas`
    says whether prompts are read with that, which an engine may lack, `rearranged`
    whether its weights are made to fit the processor."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int,
        adapter: Path | None = None,
        window: int = WINDOW,
        cells: int = 0,
        sequences: int = SEQUENCES,
        sampling: Sampling = USUAL,
        with_openblas: bool = False,
        rearranged: bool = True,
    ) -> None:
        self.name = titled(path, adapter)
        self.sampling = sampling
        self.width = WIDTH
        self.sequences = sequences
        self._spare = sequences
        self.with_openblas = openblas.use(wanted=with_openblas)
        self._model = loaded_model(path, rearranged=rearranged)
        self._vocabulary = Vocabulary(self._model)
        self.between = self._vocabulary.between()
        self.window = min(window, native.llama_model_n_ctx_train(self._model))
        self._context = loaded_context(
            self._model,
            threads=threads,
            size=cells or 2 * self.window,
            batch=WIDTH,
            sequences=sequences + 1,
        )
        if adapter:
            set_adapter(self._model, self._context, adapter)
        self.cells: int = native.llama_n_ctx(self._context)
        self.window = min(self.window, self.cells)
        self._memory = native.llama_get_memory(self._context)
        self._lengths = [0] * (sequences + 1)
        self._batch = Batch(WIDTH, outputs=sequences)
        self._said = Said()
        self._table = Table(self._context)
        self._is_over: Callable[[], bool] | None = None
        self._abort = native.ggml_abort_callback(self._ask)
        self._never = native.ggml_abort_callback()
        self._asked = False

    def prepare(self, request: GenerationRequest) -> Prompt:
        pieces = self._vocabulary.template.pieces(request.messages)
        parts = self._vocabulary.tokens(
            pieces, lambda text: self._said.tokens(request.cache_key, text)
        )
        first = (i for i, p in enumerate(pieces) if p.message >= request.shared)
        shared = sum(map(len, parts[: next(first, 0)]))
        prompt = [token for part in parts for token in part]
        if max(request.scores_of, default=0) >= self._vocabulary.size:
            raise EngineFailed("refused", "a token that this model does not have")
        if not 0 < len(prompt) < self.window:
            raise EngineFailed(
                "too_long",
                f"the prompt has {len(prompt)} tokens, the context {self.window}",
            )
        return Prompt(prompt, shared if request.shared else 0)

    def remember(self, key: str, text: str, tokens: list[int]) -> None:
        if all(map(self._vocabulary.is_text, tokens)):
            self._said.remember(key, text, tokens)

    def step(self, rows: Rows, is_over: Callable[[], bool] | None) -> Outcome:
        self._check(rows)
        self._listen(is_over)
        self._table.outputs = []
        code = native.llama_decode(self._context, self._batch.filled(rows))
        if code in {1, 2}:
            return Outcome(code)
        if code:
            raise EngineFailed("broken", f"the model answered {code}")
        for sequence in rows.sequences:
            self._lengths[sequence] += 1
        self._table.outputs = rows.outputs
        return Outcome.DONE

    def voice(self, sampling: Sampling) -> Sampler:
        return Sampler(self._table, sampling, self._vocabulary)

    def scores(self, row: int, tokens: Sequence[int]) -> tuple[float, ...]:
        if row not in self._table.outputs:
            raise EngineFailed("broken", "a row that was not computed as an output")
        found = native.llama_get_logits_ith(self._context, row)
        return tuple(found[token] for token in tokens)

    def ends(self, token: int) -> bool:
        return self._vocabulary.ends(token)

    def spelled(self, token: int) -> bytes:
        return self._vocabulary.spelled(token)

    def copy(self, source: int, target: int, length: int) -> None:
        native.llama_memory_seq_cp(self._memory, source, target, 0, length)
        self._lengths[target] = max(self._lengths[target], length)

    def trim(self, sequence: int, length: int) -> bool:
        self._lengths[sequence] = length
        if native.llama_memory_seq_rm(self._memory, sequence, length, -1):
            return True
        native.llama_memory_seq_rm(self._memory, sequence, 0, -1)
        self._lengths[sequence] = 0
        return not length

    def save(self, sequence: int, start: int) -> bytes:
        """A copy without its beginning is what is written."""
        copied = sequence if not start else self._spare
        if start:
            length = self._lengths[sequence]
            native.llama_memory_seq_cp(
                self._memory, sequence, self._spare, start, length
            )
        try:
            return self._written(copied)
        finally:
            if start:
                native.llama_memory_seq_rm(self._memory, self._spare, 0, -1)

    def load(self, sequence: int, state: bytes) -> bool:
        where = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        read = native.llama_state_seq_set_data(
            self._context, where, len(state), sequence
        )
        if not read:
            self.trim(sequence, 0)
            return False
        last = native.llama_memory_seq_pos_max(self._memory, sequence)
        self._lengths[sequence] = last + 1
        return True

    def clear(self) -> None:
        native.llama_memory_clear(self._memory, True)
        self._lengths = [0] * len(self._lengths)

    def close(self) -> None:
        """Free the memory; nothing may be asked of it afterwards."""
        self._table.close()
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    def _written(self, sequence: int) -> bytes:
        size = native.llama_state_seq_get_size(self._context, sequence)
        state = (ctypes.c_uint8 * size)()
        written = native.llama_state_seq_get_data(self._context, state, size, sequence)
        return bytes(state) if written == size else b""

    def _check(self, rows: Rows) -> None:
        """llama.cpp takes a sequence that begins in the middle without a word."""
        next_of: dict[int, int] = {}
        for sequence, position in zip(rows.sequences, rows.positions, strict=True):
            if position != next_of.get(sequence, self._lengths[sequence]):
                raise EngineFailed("broken", "a token has no place")
            next_of[sequence] = position + 1

    def _listen(self, is_over: Callable[[], bool] | None) -> None:
        self._is_over = is_over
        if self._asked != (is_over is not None):
            self._asked = is_over is not None
            callback = self._abort if self._asked else self._never
            native.llama_set_abort_callback(self._context, callback, None)

    def _ask(self, _: ctypes.c_void_p) -> bool:
        """By llama.cpp, between the parts of a step."""
        return self._is_over is not None and self._is_over()
