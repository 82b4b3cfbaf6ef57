"""Chooses the next token: repetition, then ever fewer candidates, then a dice.

Samples only rows that the last step computed as outputs: llama.cpp ends the process
over any other.
"""

import math
import secrets
from dataclasses import replace
from typing import Any

from companion.engine.bindings import native
from companion.engine.request import EngineFailed, Sampling
from companion.engine.vocabulary import Vocabulary

Chain = Any  # llama_sampler_p exists for type checkers alone
Links = list[Chain]
REPEAT_WINDOW = 64


class Table:
    """Where the candidates for one token are laid out. All replies share it: each
    chain would keep one of its own, 1.8 MB with a vocabulary of 150,000. `outputs` are
    the rows that can be sampled from now."""

    def __init__(self, context: native.llama_context_p) -> None:
        self.outputs: list[int] = []
        self._context = context
        self._chain = _empty_chain()

    def choose(self, chain: Chain, row: int) -> int:
        if row not in self.outputs:
            raise EngineFailed("broken", "a row that was not computed as an output")
        native.llama_sampler_chain_add(self._chain, chain)
        try:
            return int(native.llama_sampler_sample(self._chain, self._context, row))
        finally:
            native.llama_sampler_chain_remove(self._chain, 0)

    def close(self) -> None:
        native.llama_sampler_free(self._chain)


class Sampler:
    """One chain for one reply; closed when the reply ends."""

    def __init__(
        self, table: Table, sampling: Sampling, vocabulary: Vocabulary
    ) -> None:
        self._table = table
        self._chain = _empty_chain()
        for link in _links(sampling, vocabulary):
            native.llama_sampler_chain_add(self._chain, link)

    def sample(self, row: int) -> int:
        return self._table.choose(self._chain, row)

    def close(self) -> None:
        if self._chain:
            native.llama_sampler_free(self._chain)
            self._chain = None


def _empty_chain() -> Chain:
    params = native.llama_sampler_chain_default_params()
    return native.llama_sampler_chain_init(params)


def _links(sampling: Sampling, vocabulary: Vocabulary) -> Links:
    if sampling.ignore_eos:
        endless = _never(vocabulary)
        return [endless, *_links(replace(sampling, ignore_eos=False), vocabulary)]
    if sampling.temperature <= 0:
        return [
            *_repetition(sampling, vocabulary.size, 1),
            native.llama_sampler_init_greedy(),
        ]
    seed = secrets.randbits(32) if sampling.seed is None else sampling.seed
    return [
        *_repetition(sampling, vocabulary.size, sampling.top_k),
        native.llama_sampler_init_top_k(sampling.top_k),
        native.llama_sampler_init_top_p(sampling.top_p, 1),
        native.llama_sampler_init_min_p(sampling.min_p, 1),
        native.llama_sampler_init_temp(sampling.temperature),
        native.llama_sampler_init_dist(seed & 0xFFFFFFFF),
    ]


def _never(vocabulary: Vocabulary) -> Any:
    """No end of a reply is ever chosen."""
    ends = vocabulary.ends_with
    biases = (native.llama_logit_bias * len(ends))()
    for bias, token in zip(biases, ends, strict=True):
        bias.token, bias.bias = token, -math.inf
    return native.llama_sampler_init_logit_bias(vocabulary.size, len(ends), biases)


def _repetition(sampling: Sampling, vocabulary: int, wanted: int) -> Links:
    """The penalty can only push down as many tokens as its window holds, so the best
    `wanted` of all are among the best `wanted` + window: the rest of a vocabulary of
    150,000 need not be looked through. Not so when it lifts instead."""
    if sampling.repeat_penalty == 1:
        return []
    penalty = native.llama_sampler_init_penalties(
        vocabulary, REPEAT_WINDOW, sampling.repeat_penalty, 0.0, 0.0
    )
    if not wanted or sampling.repeat_penalty < 1:
        return [penalty]
    return [native.llama_sampler_init_top_k(wanted + REPEAT_WINDOW), penalty]
