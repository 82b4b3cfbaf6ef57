"""Who gets how much of a step."""

import pytest

from companion.engine.plan import STALL, TILE, Pace, plan
from companion.engine.sequence import Sequence

MIXED = 4 * TILE
PACE = Pace(rows_per_second=MIXED / STALL)


def sequence(number, pending, held=10):
    return Sequence(number, wanted=[0] * (held + pending), held=held)


def shares(sequences, width=256):
    return {s.id: count for s, count in plan(sequences, width=width, pace=PACE)}


def test_who_speaks_gets_one_token():
    assert shares([sequence(1, 1), sequence(2, 1)]) == {1: 1, 2: 1}


def test_alone_a_prompt_gets_the_whole_step():
    assert shares([sequence(1, 1000)]) == {1: 256}
    assert shares([sequence(1, 30)]) == {1: 30}


def test_beside_somebody_who_speaks_a_prompt_fills_whole_tiles():
    found = shares([sequence(1, 1), sequence(2, 1000)])
    assert found == {1: 1, 2: MIXED - 1}
    assert sum(found.values()) % TILE == 0


def test_the_shortest_rest_goes_first_and_the_oldest_always_moves():
    two_speak = [sequence(0, 1), sequence(1, 1)]
    found = shares([*two_speak, sequence(2, 1000), sequence(3, 40)])
    assert found == {0: 1, 1: 1, 2: MIXED - 2 - 40, 3: 40}
    found = shares([*two_speak, sequence(2, 1000), sequence(3, 60)])
    assert found == {0: 1, 1: 1, 2: TILE, 3: MIXED - 2 - TILE}


def test_many_who_wait_for_their_first_word_hold_up_few_who_speak():
    found = shares([sequence(0, 1), *(sequence(n, 100) for n in range(1, 4))])
    assert sum(found.values()) == 3 * MIXED


def test_who_waits_for_a_beginning_gets_nothing_yet():
    head = sequence(1, 50, held=0)
    chat = Sequence(2, wanted=[0] * 80, head=head, borrowed=50)
    assert shares([head, chat]) == {1: 50}


def test_nobody_gets_nothing():
    assert plan([], width=256, pace=PACE) == []
    assert plan([sequence(1, 0)], width=256, pace=PACE) == []


@pytest.mark.parametrize(
    ("rows", "seconds", "rows_then"),
    [(256, 1.0, 128), (256, 2.84, 48), (16, 0.5, 16), (16, 100.0, 16)],
)
def test_slow_models_read_less_beside_who_speaks(rows, seconds, rows_then):
    pace = Pace()
    for _ in range(50):
        pace.note(rows, seconds)
        pace.note(1, 100)  # says nothing of tiles
    assert pace.rows(0.5) == rows_then
