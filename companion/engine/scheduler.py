"""Continuous batching: every step computes something for everybody who has a seat.

Knows tokens and sequences; computes through `Model` alone. Every job that gets a seat
ends in exactly one event, or in none when its client went away first.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from companion.engine.memory import Memory, NoRoom
from companion.engine.model import Model, Outcome, Prompt, Rows
from companion.engine.plan import TILE, Pace, Part, plan
from companion.engine.queue import Job
from companion.engine.reply import Reply
from companion.engine.request import EngineFailed
from companion.engine.sequence import Sequence

AT_ONCE = 16  # replies in the making
ASK_OVER = 32  # rows; a smaller step is over sooner than anybody could be asked


@dataclass(slots=True)
class Counts:
    """What was done since the start, for /metrics."""

    steps: int = 0
    seconds: float = 0.0
    read: int = 0
    reused: int = 0
    spoken: int = 0
    full: int = 0

    @property
    def speed(self) -> float:
        """Reply tokens a second, of the time spent computing."""
        return self.spoken / self.seconds if self.seconds else 0.0


class Scheduler:
    """Seats jobs and makes steps; belongs to the thread that computes."""

    def __init__(
        self,
        model: Model,
        memory: Memory,
        *,
        counts: Counts | None = None,
        at_once: int = AT_ONCE,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """`alive` is called between the parts of a long step."""
        self.running: list[Sequence] = []
        self.counts = counts or Counts()
        self._model = model
        self._memory = memory
        self._at_once = at_once
        self._alive = alive
        self._pace = Pace()

    def seat(self, job: Job) -> bool:
        """Begin with a job, or end it when it is over. False: it has to wait. What
        breaks on the way is told to the job and raised."""
        if job.is_over():
            _too_late(job)
            return True
        if len(self.running) >= self._at_once:
            return False
        try:
            job.prompt = job.prompt or self._model.prepare(job.request)
            self._begin(job, job.prompt)
        except EngineFailed as failure:
            job.tell(failure)
        except NoRoom:
            return False
        except Exception as problem:
            job.tell(EngineFailed("broken", type(problem).__name__))
            raise
        return True

    def step(self) -> None:
        """Compute one step for everybody who has a seat."""
        self._leave_over()
        heads = {c.head.id: c.head for c in self.running if c.head and c.head.pending}
        waiting = [*heads.values(), *self.running]
        self._compute(plan(waiting, width=self._model.width, pace=self._pace))

    def read_ahead(self, beginning: Prompt, is_over: Callable[[], bool]) -> bool:
        """One step towards a beginning that nobody waits for yet. False when there is
        nothing to do for it."""
        head = self._memory.beginning(beginning)
        if head is None or not head.pending:
            return False
        self._compute([(head, min(head.pending, self._model.width))], is_over)
        return True

    def settle(self, is_over: Callable[[], bool]) -> bool:
        """Use the quiet for a chat that rests: what surely comes next is read, then it
        is put away. False when there is nothing to do."""
        parts = self._memory.unread(TILE)
        self._compute(parts, is_over)
        return bool(parts) or self._memory.settle()

    def fail(self, failure: EngineFailed) -> None:
        """Something broke: tell everybody, and trust nothing that was kept."""
        for chat in self.running:
            if chat.reply:
                chat.reply.fail(failure)
        self.running.clear()
        self._memory.clear()

    def _begin(self, job: Job, prompt: Prompt) -> None:
        count = len(prompt.tokens)
        room = min(job.request.max_tokens, self._model.window - count)
        chat = self._memory.seat(prompt, job.request.cache_key, count + room)
        self.counts.reused += max(chat.borrowed, chat.held)
        voice = self._model.voice(job.request.sampling)
        chat.reply = Reply(job, prompt, voice, room)
        self.running.append(chat)

    def _compute(
        self, parts: list[Part], is_over: Callable[[], bool] | None = None
    ) -> None:
        if not parts:
            return
        rows = Rows()
        for sequence, count in parts:
            start = sequence.held
            tokens = sequence.wanted[start : start + count]
            speaks = sequence.reply is not None and count == sequence.pending
            rows.add(sequence.id, start, tokens, last=speaks)
        if is_over is None and len(rows) > ASK_OVER:
            is_shared = any(sequence.reply is None for sequence, _ in parts)
            is_over = _never if is_shared else self._is_over
        begun = time.monotonic()
        outcome = self._model.step(rows, is_over and self._asked(is_over))
        seconds = time.monotonic() - begun
        self.counts.steps += 1
        self.counts.seconds += seconds
        self._pace.note(len(rows), seconds)
        if outcome is Outcome.DONE:
            self._computed(parts, rows)
        else:
            self._undo(outcome, parts)

    def _computed(self, parts: list[Part], rows: Rows) -> None:
        outputs = iter(rows.outputs)
        for sequence, count in parts:
            sequence.held += count
            if sequence.pending:
                self.counts.read += count
            elif sequence.reply:
                self.counts.read += count - sequence.reply.has_begun
                self._speak(sequence, sequence.reply, next(outputs))
            else:
                self.counts.read += count
                self._lend(sequence)

    def _speak(self, chat: Sequence, reply: Reply, row: int) -> None:
        token = reply.sample(row, self._model)
        self.counts.spoken += 1
        if token is None:
            self._ended(chat)
        else:
            chat.wanted.append(token)

    def _lend(self, head: Sequence) -> None:
        for chat in self.running:
            if chat.head is head and chat.awaits_head:
                self._memory.lend(chat)

    def _undo(self, outcome: Outcome, parts: list[Part]) -> None:
        """The step left nothing behind. When there was no room for it in spite of
        all counting, somebody has to go."""
        self._memory.restart(sequence for sequence, _ in parts)
        if outcome is Outcome.ABORTED:
            return
        self.counts.full += 1
        if not self._memory.evict() and self.running:
            chat = self.running[-1]
            if chat.reply:
                chat.reply.fail(EngineFailed("busy", "there is no room for it"))
            self._ended(chat)

    def _ended(self, chat: Sequence) -> None:
        follows: list[int] = []
        if chat.reply and chat.reply.is_whole:
            key = chat.reply.job.request.cache_key
            self._model.remember(key, chat.reply.text, chat.reply.tokens)
            follows = self._follows(chat, chat.reply)
        self.running.remove(chat)
        self._memory.rest(chat, follows)

    def _follows(self, chat: Sequence, reply: Reply) -> list[int]:
        """What stands behind the computed tokens of a chat that goes on: the last of
        its reply, and what the template puts before the next message. Nothing for one
        that was stopped: its words may be cut."""
        if reply.job.cancelled.is_set():
            return []
        so_far = [*reply.prompt.tokens, *reply.tokens, *self._model.between]
        return so_far[chat.held : self._model.window]

    def _leave_over(self) -> None:
        for chat in list(self.running):
            if chat.reply and chat.reply.job.is_over():
                self._stop(chat, chat.reply)
                self._ended(chat)

    def _stop(self, chat: Sequence, reply: Reply) -> None:
        if reply.job.cancelled.is_set():
            reply.drop()
        elif reply.has_begun:
            reply.finish("length", self._model.name)
        else:
            reply.fail(
                EngineFailed("timeout", "the prompt took all the time there was")
            )

    def _asked(self, is_over: Callable[[], bool]) -> Callable[[], bool]:
        """Whoever asks between the parts of a step does not hang in it."""

        def asked() -> bool:
            self._alive()
            return is_over()

        return asked

    def _is_over(self) -> bool:
        """Asked in the middle of a step: is there nobody left who wants it?"""
        return all(chat.reply and chat.reply.job.is_over() for chat in self.running)


def _never() -> bool:
    """What is read of a beginning stays, for whoever asks next: else a question whose
    time is shorter than its beginning would never be answered."""
    return False


def _too_late(job: Job) -> None:
    if not job.cancelled.is_set():
        late = "its time was over before its turn came"
        job.tell(EngineFailed("timeout", late))
