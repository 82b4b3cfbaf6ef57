"""Everybody gets their turn, whatever comes in between.

The scripted model is strict: it refuses a token without its place, counts cells as
llama.cpp does and knows which of them two chats share.
"""

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from companion.engine.model import Outcome
from companion.engine.parking import Parking
from companion.engine.request import EngineFailed, Finished, Thinking
from companion.engine.scripted import SENTENCES, Scripted
from tests.companion.engine.served import Desk, asked

ROLES = ["", "be kind " * 10, "tell stories " * 9]
PATIENCE = 60  # steps for each that was asked, within which everything ends


class Odd(Scripted):
    """Says now and then that it is full, or that it was told to stop half-way."""

    def __init__(self, **options):
        super().__init__(delay=0, **options)
        self.says = []

    def step(self, rows, is_over):
        said = self.says.pop() if self.says else None
        if said is Outcome.FULL:
            return said
        done = super().step(rows, is_over)
        return said or done


class Scheduling(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = Odd(cells=180, window=120, width=40, sequences=7)
        parking = Parking(memory=2000)
        self.desk = Desk(self.model, parking=parking, heads=2, at_once=4)
        self.waiting, self.all = [], []

    @rule(
        words=st.integers(1, 40),
        role=st.integers(0, 2),
        key=st.sampled_from(["", "a", "b", "c"]),
        tokens=st.integers(1, 40),
    )
    def ask(self, words, role, key, tokens):
        request = asked(
            "word " * words,
            system=ROLES[role],
            shared=1 if role else 0,
            cache_key=key,
            max_tokens=tokens,
            max_seconds=600,
        )
        self.add(request)

    @precondition(lambda self: any(h.text for _, h in self.all))
    @rule(data=st.data())
    def go_on(self, data):
        """A chat that had an answer says something more."""
        said = [(job, heard) for job, heard in self.all if heard.text]
        job, heard = data.draw(st.sampled_from(said))
        before = [message.content for message in job.request.messages]
        system = before.pop(0) if job.request.shared else ""
        if len(before) > 3:
            return
        self.add(
            asked(
                *(*before, heard.text, "and then"),
                system=system,
                shared=job.request.shared,
                cache_key=job.request.cache_key,
                max_tokens=8,
                max_seconds=600,
            )
        )

    def add(self, request):
        try:
            made = self.desk.job(request)
        except EngineFailed as failure:
            assert failure.kind == "too_long"
            return
        self.waiting.append(made[0])
        self.all.append(made)

    @precondition(lambda self: self.all)
    @rule(data=st.data())
    def cancel(self, data):
        job, _ = data.draw(st.sampled_from(self.all))
        job.cancelled.set()

    @rule(what=st.sampled_from([Outcome.FULL, Outcome.ABORTED]))
    def surprise(self, what):
        self.model.says.append(what)

    @rule()
    def quiet(self):
        if not self.desk.running:
            self.desk.scheduler.settle(lambda: False)

    @rule()
    def evict(self):
        self.desk.memory.evict()

    @rule()
    def break_down(self):
        self.desk.scheduler.fail(EngineFailed("broken", "on purpose"))

    @rule(count=st.integers(1, 6))
    def steps(self, count):
        for _ in range(count):
            self.step()

    def step(self):
        while self.waiting and self.desk.scheduler.seat(self.waiting[0]):
            self.waiting.pop(0)
        if self.desk.running:
            self.desk.scheduler.step()

    @invariant()
    def every_token_is_where_it_is_believed_to_be(self):
        for sequence in (*self.desk.memory.heads, *self.desk.memory.chats):
            held = sequence.wanted[: sequence.held]
            assert self.model.tokens(sequence.id) == held

    @invariant()
    def no_two_chats_share_a_cell_but_a_beginning(self):
        owner = {}
        for chat in self.desk.memory.chats:
            for cell, _ in self.model.held.get(chat.id, [])[chat.borrowed :]:
                assert owner.setdefault(cell, chat.id) == chat.id

    @invariant()
    def no_more_is_promised_than_there_is(self):
        assert self.model.in_use <= self.desk.memory.used <= self.model.cells

    @invariant()
    def nobody_ends_twice(self):
        for _, heard in self.all:
            ends = [e for e in heard.events if isinstance(e, Finished | EngineFailed)]
            assert len(ends) <= 1

    def teardown(self):
        """Nobody starves: everybody who was not sent away ends."""
        self.model.says.clear()
        for _ in range(PATIENCE * (len(self.all) + 1)):
            self.step()
        assert not self.waiting
        assert not self.desk.running
        for job, heard in self.all:
            assert heard.ended.is_set() or job.cancelled.is_set()
            if isinstance(heard.events and heard.last, Finished):
                assert heard.text and SENTENCES.startswith(heard.text)
        while self.desk.memory.evict():
            pass
        assert self.desk.memory.used == self.model.in_use == 0


Scheduling.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None
)
TestScheduling = Scheduling.TestCase


# --- One thing at a time


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
    assert len(table.parking) == 1
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
