"""A GGUF model through llama.cpp: one sequence; beginnings that come back are parked.

All of it but `prepare` belongs to one thread. Never hands llama.cpp more tokens than
it was promised: it answers that by ending the process.
"""

import ctypes
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import llama_cpp.llama_cpp as native

from companion.engine.parking import Parking, common
from companion.engine.queue import Job
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    Finished,
    FinishReason,
    GenerationRequest,
    Text,
)
from companion.engine.sampler import Sampler
from companion.engine.spelling import Spelling
from companion.engine.vocabulary import Vocabulary
from companion.engine.weights import loaded_context, loaded_model

BATCH = 256
SEQUENCE = 0
WORTH_PARKING = 64  # tokens; fewer are read again as fast as they are copied
ABORTED = 2


class Llama:
    """Loads `path`; raises `ValueError` with what is wrong with it."""

    def __init__(self, path: Path, *, threads: int, context: int = 8192) -> None:
        self.name = path.stem
        self.evaluated = 0
        self._kept: list[int] = []  # the tokens that the cache holds, in order
        self._job: Job | None = None
        self._model = loaded_model(path)
        self._vocabulary = Vocabulary(self._model)
        self._context = loaded_context(
            self._model, threads=threads, size=context, batch=BATCH
        )
        self._size: int = native.llama_n_ctx(self._context)
        self._memory = native.llama_get_memory(self._context)
        self._parking = Parking(self._context, SEQUENCE)
        self._abort = native.ggml_abort_callback(self._is_over)
        self._never = native.ggml_abort_callback()

    def prepare(self, request: GenerationRequest) -> list[int]:
        pieces = self._vocabulary.template.pieces(request.messages)
        prompt = self._vocabulary.tokens(pieces)
        if not 0 < len(prompt) < self._size:
            raise EngineFailed(
                "refused",
                f"the prompt has {len(prompt)} tokens, the context {self._size}",
            )
        return prompt

    def speak(self, job: Job) -> Iterator[EngineEvent]:
        if not self._read(job):
            if job.cancelled.is_set():
                return
            raise EngineFailed("timeout", "the prompt took all the time there was")
        spelling = Spelling(job.request.stop)
        made = 0
        with closing(self._sampled(job)) as tokens:
            for made, token in enumerate(tokens, start=1):  # noqa: B007 - told below
                if said := self._heard(token, spelling):
                    yield Text(said)
                if spelling.has_stopped:
                    break
        if job.cancelled.is_set():
            return
        reason: FinishReason = "stop" if spelling.has_stopped else "length"
        if said := spelling.rest():
            yield Text(said)
        yield Finished(reason, self.name, len(job.prompt), made)

    def read_ahead(self, job: Job) -> bool:
        """Read a beginning and set it aside. False when it was interrupted."""
        job.prompt = job.prompt or self.prepare(job.request)
        whole = self._read(job)
        if whole:
            self._parking.park(self._kept, beginning=True)
        return whole

    def forget(self) -> None:
        self._parking.clear()
        self._empty()

    def close(self) -> None:
        """Free the memory; nothing may be asked of it afterwards."""
        native.llama_free(self._context)
        native.llama_model_free(self._model)

    def _read(self, job: Job) -> bool:
        """Evaluate what the cache does not hold yet; at least one token, for the
        answer comes from the last. False when the job was over before the end."""
        shared = self._turn_to(job.prompt[:-1])
        if not native.llama_memory_seq_rm(self._memory, SEQUENCE, shared, -1):
            self._empty()  # this kind of model keeps all or nothing
        del self._kept[shared:]
        fresh = job.prompt[len(self._kept) :]
        self._job = job
        native.llama_set_abort_callback(self._context, self._abort, None)
        try:
            return self._evaluated(fresh, job)
        finally:
            native.llama_set_abort_callback(self._context, self._never, None)

    def _turn_to(self, wanted: list[int]) -> int:
        """Have the cache begin like `wanted`, from a parked state where one begins
        better; what is left behind is parked. Returns how many tokens are there."""
        shared = common(self._kept, wanted)
        if len(self._kept) - shared >= WORTH_PARKING:
            self._parking.park(self._kept)
        parked, there = self._parking.best(wanted)
        if there < shared + WORTH_PARKING:
            return shared
        self._empty()
        if not self._parking.bring_back(parked):
            return 0
        self._kept = list(parked)
        return there

    def _empty(self) -> None:
        self._kept.clear()
        native.llama_memory_clear(self._memory, True)

    def _evaluated(self, fresh: list[int], job: Job) -> bool:
        for start in range(0, len(fresh), BATCH):
            if job.is_over() or not self._add(fresh[start : start + BATCH]):
                return False
            self.evaluated += min(BATCH, len(fresh) - start)
        return True

    def _sampled(self, job: Job) -> Generator[int, None, None]:
        """Tokens one by one, until the limits of the job or of the context."""
        room = min(job.request.max_tokens, self._size - len(job.prompt))
        with Sampler(job.request.sampling, self._vocabulary.size) as sampler:
            for made in range(1, room + 1):
                token = sampler.sample(self._context)
                yield token
                if made == room or job.is_over() or not self._add([token]):
                    return

    def _heard(self, token: int, spelling: Spelling) -> str:
        if self._vocabulary.ends(token):
            spelling.has_stopped = True
            return ""
        return spelling.feed(self._vocabulary.spelled(token))

    def _add(self, tokens: list[int]) -> bool:
        """Put tokens behind those in the cache. False when it was told to stop."""
        count = len(tokens)
        if not 0 < count <= BATCH or len(self._kept) + count > self._size:
            raise EngineFailed("broken", f"{count} tokens do not fit")
        array = (native.llama_token * count)(*tokens)
        failed = native.llama_decode(
            self._context, native.llama_batch_get_one(array, count)
        )
        if failed:
            native.llama_memory_seq_rm(self._memory, SEQUENCE, len(self._kept), -1)
            if failed == ABORTED:
                return False
            raise EngineFailed("broken", f"the model answered {failed}")
        self._kept += tokens
        return True

    def _is_over(self, _: ctypes.c_void_p) -> bool:
        """Asked by llama.cpp between the steps of a long prompt."""
        return self._job is None or self._job.is_over()
