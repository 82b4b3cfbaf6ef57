"""Chooses the next token: repetition, then ever fewer candidates, then a dice.

Samples only after a decode whose last row has logits; anything else ends the process.
"""

import secrets
from types import TracebackType
from typing import Self

import llama_cpp.llama_cpp as native

from companion.engine.request import Sampling

REPEAT_WINDOW = 64
LAST_ROW = -1


class Sampler:
    """One chain for one reply, freed when the reply ends."""

    def __init__(self, sampling: Sampling, vocabulary: int) -> None:
        self._chain = native.llama_sampler_chain_init(
            native.llama_sampler_chain_default_params()
        )
        for link in _links(sampling, vocabulary):
            native.llama_sampler_chain_add(self._chain, link)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        native.llama_sampler_free(self._chain)

    def sample(self, context: native.llama_context_p) -> int:
        return int(native.llama_sampler_sample(self._chain, context, LAST_ROW))


def _links(sampling: Sampling, vocabulary: int) -> "list[native.llama_sampler_p]":
    links = [
        native.llama_sampler_init_penalties(
            vocabulary, REPEAT_WINDOW, sampling.repeat_penalty, 0.0, 0.0
        )
    ]
    if sampling.temperature <= 0:
        return [*links, native.llama_sampler_init_greedy()]
    seed = secrets.randbits(32) if sampling.seed is None else sampling.seed
    return [
        *links,
        native.llama_sampler_init_top_k(sampling.top_k),
        native.llama_sampler_init_top_p(sampling.top_p, 1),
        native.llama_sampler_init_min_p(sampling.min_p, 1),
        native.llama_sampler_init_temp(sampling.temperature),
        native.llama_sampler_init_dist(seed & 0xFFFFFFFF),
    ]
