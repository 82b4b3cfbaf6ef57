"""Everybody gets their turn, one thing at a time; test_scheduler_at_random.py plays
everything at once."""

import pytest

from companion.engine.model import Outcome
from companion.engine.request import Finished, Thinking
from companion.engine.scripted import SENTENCES, Scripted
from tests.companion.engine.served import Desk, Odd, asked


def desk(**options):
    return Desk(Scripted(delay=0, **options))


def test_a_reply_from_the_first_event_to_the_last():
    heard = desk().speak(asked("Hi"))
    assert heard.events[0] == Thinking()
    assert heard.text == SENTENCES
    assert heard.last == Finished("stop", "scripted", 2, 32)


def test_chats_are_answered_together():
    table = desk()
    heards = [table.seated(asked("Hi"))[1] for _ in range(8)]
    table.scheduler.step()
    table.scheduler.step()
    assert {len(heard.text) for heard in heards} == {len(heards[0].text)}
    assert heards[0].text
    table.finish()
    assert [heard.text for heard in heards] == [SENTENCES] * 8


def test_a_long_prompt_stalls_nobody():
    table = desk()
    _, speaking = table.seated(asked("Hi"))
    table.scheduler.step()
    _, reading = table.seated(asked("word " * 2000))
    told = len(speaking.events)
    while not reading.text:
        table.scheduler.step()
        told += 1
        assert len(speaking.events) == told
    assert table.scheduler.counts.steps > 8


def test_a_short_prompt_passes_a_long_one():
    table = desk()
    table.seated(asked("word " * 2000))
    table.scheduler.step()
    _, short = table.seated(asked("Hi"))
    table.scheduler.step()
    assert short.text


def test_a_long_prompt_moves_while_short_ones_come_and_go():
    table = desk()
    _, long = table.seated(asked("word " * 200, max_tokens=1))
    for _ in range(20):
        table.seated(asked("word " * 60, max_tokens=1))
        table.scheduler.step()
    assert long.ended.is_set()


def test_a_beginning_is_read_once_for_chats_that_come_together():
    table = desk()
    for number in range(4):
        table.seated(asked(f"word {number}", system="be kind " * 20, shared=1))
    table.finish()
    assert table.read == 42 + 4 * 3


def test_what_follows_a_reply_is_read_in_the_quiet():
    table = desk()
    heard = table.speak(asked("Hi", cache_key="a", max_tokens=9))
    begun = table.read
    while table.scheduler.settle(lambda: False):
        pass
    assert table.read - begun == 2  # its last piece, and the mark behind it
    assert table.parking.chats == 1
    more = asked("Hi", heard.text, "and then", cache_key="a", max_tokens=9)
    assert table.read_by(more) == 3  # "and", "then" and the mark


def test_nothing_is_read_ahead_for_a_chat_that_was_stopped():
    table = desk()
    job, heard = table.seated(asked("Hi", cache_key="a"))
    while not heard.text:
        table.scheduler.step()
    job.cancelled.set()
    table.finish()
    begun = table.read
    while table.scheduler.settle(lambda: False):
        pass
    assert table.read == begun


def test_nothing_is_read_ahead_for_a_chat_without_a_name():
    table = desk()
    table.speak(asked("Hi"))
    assert not table.memory.unread(16)


def test_who_waited_too_long_is_told():
    table = desk()
    job, heard = table.job(asked("Hi", max_seconds=-1))
    assert table.scheduler.seat(job)
    assert heard.last.kind == "timeout"
    assert not table.running


def test_a_prompt_that_takes_all_the_time_ends():
    table = desk()
    _, heard = table.seated(asked("word " * 2000, max_seconds=0.05))
    table.model.delay = 0.1
    table.finish()
    assert heard.last.kind == "timeout"


def test_a_beginning_that_takes_all_the_time_is_there_for_who_asks_next():
    table = desk()
    shared = {"system": "be kind " * 100, "shared": 1}
    _, heard = table.seated(asked("Hi", **shared, max_seconds=0.05))
    table.model.delay = 0.1
    table.finish()
    assert heard.last.kind == "timeout"
    assert table.read == 202
    table.model.delay = 0
    table.speak(asked("Hello", **shared, max_tokens=1))
    assert table.read == 202 + 2


def test_seats_are_limited():
    table = Desk(Scripted(delay=0), at_once=2)
    table.seated(asked("Hi"))
    table.seated(asked("Hi"))
    assert not table.scheduler.seat(table.job(asked("Hi"))[0])


def test_no_room_for_a_step_ends_the_newest_reply():
    model = Odd()
    table = Desk(model)
    _, first = table.seated(asked("Hi"))
    _, second = table.seated(asked("Hi"))
    model.says.append(Outcome.FULL)
    table.finish()
    assert first.text == SENTENCES
    assert second.last.kind == "busy"


@pytest.mark.parametrize("outcome", [Outcome.FULL, Outcome.ABORTED])
def test_a_step_that_came_to_nothing_is_made_again(outcome):
    model = Odd()
    table = Desk(model)
    table.speak(asked("rests here"))
    _, heard = table.seated(asked("Hi"))
    model.says.append(outcome)
    table.finish()
    assert heard.text == SENTENCES
