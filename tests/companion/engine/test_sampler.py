"""The next token of the real model: each parameter does what its name says, and the
short way over a large vocabulary finds what the long way does."""

import math
from dataclasses import replace

import pytest

from companion.engine.bindings import native
from companion.engine.model import Rows
from companion.engine.request import EngineFailed, Sampling
from companion.engine.sampler import REPEAT_WINDOW, _never
from tests.companion.engine.served import asked

FREE = Sampling(
    temperature=1, top_p=1, top_k=0, min_p=0, repeat_penalty=1, seed=0
)  # what the model itself says
DRAWS = 200


@pytest.fixture
def row(llama):
    """The last row of a prompt: what the reply begins with. Its logits are there until
    the next step."""
    llama.clear()
    tokens = llama.prepare(asked("Tell me of the sea.")).tokens
    rows = Rows()
    rows.add(0, 0, tokens, last=True)
    llama.step(rows, None)
    yield len(tokens) - 1
    llama.clear()


def logits(llama, row):
    found = native.llama_get_logits_ith(llama._context, row)
    return found[: llama._vocabulary.size]


def ranked(llama, row):
    """Tokens with their probabilities, the likeliest first."""
    values = logits(llama, row)
    highest = max(values)
    weights = [math.exp(value - highest) for value in values]
    whole = sum(weights)
    order = sorted(range(len(weights)), key=lambda token: -weights[token])
    return [(token, weights[token] / whole) for token in order]


def drawn(llama, row, **how):
    """What is chosen for the first token, with one seed after the other."""
    said = []
    for seed in range(DRAWS):
        voice = llama.voice(replace(FREE, **({"seed": seed} | how)))
        said.append(voice.sample(row))
        voice.close()
    return said


def test_without_a_temperature_the_likeliest_is_said(llama, row):
    best = ranked(llama, row)[0][0]
    assert set(drawn(llama, row, temperature=0)) == {best}


def test_top_k_leaves_so_many(llama, row):
    best = [token for token, _ in ranked(llama, row)[:3]]
    assert set(drawn(llama, row, top_k=1)) == {best[0]}
    assert set(drawn(llama, row, top_k=3, temperature=2)) == set(best)


def test_top_p_leaves_as_many_as_make_up_the_share(llama, row):
    order = ranked(llama, row)
    share = order[0][1] + order[1][1] / 2  # the second crosses it
    found = drawn(llama, row, top_p=share, temperature=2)
    assert set(found) == {order[0][0], order[1][0]}


def test_min_p_leaves_who_is_not_far_behind_the_best(llama, row):
    order = ranked(llama, row)
    least = (order[1][1] + order[2][1]) / 2 / order[0][1]
    found = drawn(llama, row, min_p=least, temperature=2)
    assert set(found) == {order[0][0], order[1][0]}


def test_the_dice_fall_as_often_as_the_model_says(llama, row):
    best, share = ranked(llama, row)[0]
    often = drawn(llama, row).count(best) / DRAWS
    assert abs(often - share) < 4 * math.sqrt(share * (1 - share) / DRAWS)
    hotter = drawn(llama, row, temperature=2).count(best) / DRAWS
    assert hotter < often


def test_the_same_seed_says_the_same_and_no_seed_another_thing(llama, row):
    hot = {"temperature": 2.0}
    assert drawn(llama, row, **hot) == drawn(llama, row, **hot)
    assert len(set(drawn(llama, row, seed=7, **hot))) == 1
    assert len(set(drawn(llama, row, seed=None, **hot))) > 20


def test_what_was_said_is_said_less(llama, row):
    """The likeliest is said until the penalty has pushed it behind the second."""
    (first, _), (second, _) = ranked(llama, row)[:2]
    values = logits(llama, row)
    enough = max(1.1, 1.01 * values[first] / values[second])
    assert 0 < values[second] < values[first]
    voice = llama.voice(replace(FREE, temperature=0, repeat_penalty=enough))
    assert [voice.sample(row), voice.sample(row)] == [first, second]
    voice.close()


HOW = [
    {},
    {"repeat_penalty": 1.3},
    {"repeat_penalty": 2.0, "top_k": 3},
    {"repeat_penalty": 1.3, "temperature": 0},
    {"repeat_penalty": 0.8},
    {"repeat_penalty": 1.3, "top_k": 0},
    {"repeat_penalty": 1.3, "ignore_eos": True},
    {"repeat_penalty": 1.3, "top_k": 400, "top_p": 1.0, "min_p": 0.0},
]


@pytest.mark.parametrize("how", HOW)
def test_the_short_way_finds_what_the_long_way_does(llama, row, how):
    """100 tokens, each of which counts as said for the next 64."""
    asked_for = Sampling(**({"seed": 11, "temperature": 1.3} | how))
    voice, long_way = llama.voice(asked_for), whole(llama, asked_for)
    short = [voice.sample(row) for _ in range(100)]
    long = [
        native.llama_sampler_sample(long_way, llama._context, row) for _ in range(100)
    ]
    voice.close()
    native.llama_sampler_free(long_way)
    assert short == long
    assert len(set(short)) > 3 or asked_for.repeat_penalty < 1


def whole(llama, how):
    """llama.cpp's own chain over the whole vocabulary, in its own order."""
    size = llama._vocabulary.size
    chain = native.llama_sampler_chain_init(native.llama_sampler_chain_default_params())
    links = [_never(llama._vocabulary)] if how.ignore_eos else []
    links.append(
        native.llama_sampler_init_penalties(
            size, REPEAT_WINDOW, how.repeat_penalty, 0.0, 0.0
        )
    )
    if how.temperature:
        links += [
            native.llama_sampler_init_top_k(how.top_k),
            native.llama_sampler_init_top_p(how.top_p, 1),
            native.llama_sampler_init_min_p(how.min_p, 1),
            native.llama_sampler_init_temp(how.temperature),
            native.llama_sampler_init_dist(how.seed),
        ]
    else:
        links.append(native.llama_sampler_init_greedy())
    for link in links:
        native.llama_sampler_chain_add(chain, link)
    return chain


def test_a_row_that_is_no_output_is_no_crash(llama, row):
    """llama.cpp would end the process."""
    voice = llama.voice(FREE)
    for other in (row - 1, row + 1, -1):
        with pytest.raises(EngineFailed, match="not computed as an output"):
            voice.sample(other)
    assert voice.sample(row) >= 0
    llama.clear()
    rows = Rows()
    rows.add(0, 0, [100, 100], last=False)
    llama.step(rows, None)
    with pytest.raises(EngineFailed, match="not computed as an output"):
        voice.sample(row)
    voice.close()


def test_after_a_step_that_came_to_nothing_there_is_nothing_to_sample(llama, row):
    voice = llama.voice(FREE)
    more = Rows()
    more.add(1, 0, [100] * 64, last=True)
    llama.step(more, lambda: True)
    for gone in (row, 63):
        with pytest.raises(EngineFailed, match="not computed as an output"):
            voice.sample(gone)
    voice.close()
