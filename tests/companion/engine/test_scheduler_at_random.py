"""Everybody gets their turn, whatever comes in between: 10,000 things that happen and
as many steps of the scheduler, and that it would be noticed if one went wrong.

The scripted model is strict: it refuses a token without its place, counts cells as
llama.cpp does and knows which of them two chats share.
"""

from dataclasses import dataclass
from itertools import count

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from companion.engine.memory import Memory
from companion.engine.model import Outcome
from companion.engine.parking import Parking
from companion.engine.queue import Job
from companion.engine.reply import Reply
from companion.engine.request import EngineFailed, Finished
from companion.engine.scripted import SENTENCES
from companion.engine.sequence import Sequence
from tests.companion.engine.served import Desk, Heard, Odd, asked

WANTED = 10_000  # of what happens, and of steps
ROLES = ["", "be kind " * 10, "tell stories " * 9]
PATIENCE = 60  # steps for each who came before, and for oneself


@dataclass(eq=False)
class Guest:
    """Somebody who asked: after so many `steps`, with so many `ahead`."""

    job: Job
    heard: Heard
    steps: int
    ahead: int

    @property
    def ends(self):
        return sum(isinstance(e, Finished | EngineFailed) for e in self.heard.events)

    @property
    def waits(self):
        return not self.ends and not self.job.cancelled.is_set()


class Scheduling(RuleBasedStateMachine):
    """`happened` and `stepped` count over all walks; what a walk does at its end, when
    nobody comes any more, counts for neither."""

    happened = stepped = 0

    def __init__(self):
        super().__init__()
        self.model = Odd(cells=180, window=120, width=40, sequences=7)
        parking = Parking(memory=2000)
        self.desk = Desk(self.model, parking=parking, heads=2, at_once=4)
        self.line, self.guests = [], []
        self.steps = 0  # in which nothing went wrong
        type(self).happened -= 1  # the look at an empty table

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

    @precondition(lambda self: any(guest.heard.text for guest in self.guests))
    @rule(data=st.data())
    def go_on(self, data):
        """A chat that had an answer says something more."""
        answered = [guest for guest in self.guests if guest.heard.text]
        guest = data.draw(st.sampled_from(answered))
        request = guest.job.request
        before = [message.content for message in request.messages]
        system = before.pop(0) if request.shared else ""
        if len(before) > 3:
            return
        self.add(
            asked(
                *(*before, guest.heard.text, "and then"),
                system=system,
                shared=request.shared,
                cache_key=request.cache_key,
                max_tokens=8,
                max_seconds=600,
            )
        )

    def add(self, request):
        try:
            job, heard = self.desk.job(request)
        except EngineFailed as failure:
            assert failure.kind == "too_long"
            return
        ahead = sum(guest.waits for guest in self.guests)
        self.line.append(job)
        self.guests.append(Guest(job, heard, self.steps, ahead))

    @precondition(lambda self: self.guests)
    @rule(data=st.data())
    def cancel(self, data):
        data.draw(st.sampled_from(self.guests)).job.cancelled.set()

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

    @rule(count=st.integers(1, 24))
    def time_passes(self, count):
        for _ in range(count):
            type(self).stepped += self.step()

    def step(self):
        """Whether there was anything to compute."""
        while self.line and self.desk.scheduler.seat(self.line[0]):
            self.line.pop(0)
        if not self.desk.running:
            return False
        self.steps += not self.model.says
        self.desk.scheduler.step()
        return True

    @invariant()
    def it_is_counted(self):
        type(self).happened += 1

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
        assert all(guest.ends <= 1 for guest in self.guests)

    @invariant()
    def nobody_starves_however_many_come_later(self):
        for guest in self.guests:
            if guest.waits:
                assert self.steps - guest.steps <= PATIENCE * (guest.ahead + 1)

    def teardown(self):
        """Nobody comes any more: who was not sent away ends, exactly once."""
        self.model.says.clear()
        for _ in range(PATIENCE * (len(self.guests) + 1)):
            self.step()
        assert not self.line
        assert not self.desk.running
        for guest in self.guests:
            assert guest.ends == 1 or (guest.job.cancelled.is_set() and not guest.ends)
            if isinstance(guest.heard.events and guest.heard.last, Finished):
                assert guest.heard.text
                assert SENTENCES.startswith(guest.heard.text)
        while self.desk.memory.evict():
            pass
        assert self.desk.memory.used == self.model.in_use == 0


def play(wanted, phases=tuple(Phase)):
    """At least so many things that happen, and so many steps: the same walks on every
    machine, and a new one each time (some machines repeat the first for ever)."""
    Scheduling.happened = Scheduling.stepped = 0
    for number in count():
        if min(Scheduling.happened, Scheduling.stepped) >= wanted:
            return
        run_state_machine_as_test(
            seed(number)(Scheduling),
            settings=settings(
                max_examples=20,
                stateful_step_count=50,
                deadline=None,
                database=None,
                phases=phases,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_everybody_ends_once_in_any_order(record_property):
    play(WANTED)
    record_property("happened", Scheduling.happened)
    record_property("steps", Scheduling.stepped)
    assert Scheduling.happened >= WANTED
    assert Scheduling.stepped >= WANTED


# --- The power of the test above: the same walk, and one mistake in the product


def newest_first(sequences, *, width, pace):
    """Whoever came last is served, and nobody else."""
    ready = [s for s in sequences if s.pending and not s.awaits_head]
    return [(ready[-1], min(ready[-1].pending, width))] if ready else []


def lent_with_a_token_too_many(self, chat, lend=Memory.lend):
    lend(self, chat)
    chat.borrowed -= 1


def said_twice(self, reason, model, finish=Reply.finish):
    finish(self, reason, model)
    self.job.tell(Finished(reason, model))


def left_where_it_is(self, source, target, length):
    """A beginning whose cells never reach the chat."""


MISTAKES = {
    "starves": ("companion.engine.scheduler.plan", newest_first),
    "shares a cell": (
        "companion.engine.memory.Memory.lend",
        lent_with_a_token_too_many,
    ),
    "ends twice": ("companion.engine.reply.Reply.finish", said_twice),
    "never ends": ("companion.engine.reply.Reply.fail", lambda self, failure: None),
    "promises nothing": (
        "companion.engine.sequence.Sequence.cells",
        property(lambda self: self.held - self.borrowed),
    ),
    "leaks": (
        "companion.engine.memory.Memory._empty",
        lambda self, s: Sequence.forget(s),
    ),
    "loses tokens": ("companion.engine.scripted.Scripted.copy", left_where_it_is),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_out(monkeypatch, mistake):
    monkeypatch.setattr(*MISTAKES[mistake])
    with pytest.raises((AssertionError, EngineFailed)):
        play(WANTED, [Phase.generate])
