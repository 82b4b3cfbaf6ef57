"""Everybody gets their turn, whatever comes in between.

The scripted model is strict: it refuses a token without its place, counts cells as
llama.cpp does and knows which of them two chats share.
"""

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from companion.engine.model import Outcome
from companion.engine.parking import Parking
from companion.engine.request import EngineFailed, Finished
from companion.engine.scripted import SENTENCES
from tests.companion.engine.served import Desk, Odd, asked

ROLES = ["", "be kind " * 10, "tell stories " * 9]
PATIENCE = 60  # steps for each that was asked, within which everything ends


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
