"""The owner thread with the real small model: all that computes, and nothing left."""

import threading
import time
from collections.abc import Callable
from random import Random

from companion.engine.llama import Llama
from companion.engine.request import EngineFailed, Finished
from tests.companion.engine.served import Desk, ask, asked, started, wait_for

COMPUTING = ("step", "copy", "trim", "save", "load")


class Watched(Llama):
    """Notes which threads compute."""

    def __init__(self, *arguments, **options):
        self.threads = set()
        super().__init__(*arguments, **options)
        for name in COMPUTING:
            setattr(self, name, self._noting(getattr(self, name)))

    def voice(self, sampling):
        voice = super().voice(sampling)
        voice.sample = self._noting(voice.sample)
        return voice

    def _noting(self, act: Callable) -> Callable:
        def noted(*given):
            self.threads.add(threading.current_thread().name)
            return act(*given)

        return noted


def test_one_thread_computes(small_model):
    """Two that touch one model halve its speed, and crash it."""
    watched = Watched(small_model, threads=1, window=512, cells=1024, sequences=10)
    role = {"system": "You keep a lighthouse. " * 10, "shared": 1, "max_tokens": 8}
    runner = started(watched, beginnings=[asked("", **role)])
    heards = []

    def talk(name):
        _, heard = ask(runner, asked(f"I am {name}", cache_key=name, **role))
        heards.append(heard.wait())

    people = [threading.Thread(target=talk, args=(f"{n}",)) for n in range(12)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    runner.close()
    assert len(heards) == 12
    assert all(isinstance(heard.last, Finished) for heard in heards)
    assert watched.threads == {"model"}


def test_a_real_step_moves_many_times(llama):
    moved = []
    llama.clear()
    desk = Desk(llama, alive=lambda: moved.append(desk.scheduler.counts.steps))
    desk.seated(asked("word " * 100))
    desk.scheduler.step()
    assert set(moved) == {0}
    assert len(moved) > 100


def test_five_hundred_cancels_leave_nothing_behind(small_model):
    """No leaked sequence, no promised cell, and the engine as fast as before."""
    runner = started(Llama(small_model, threads=1, window=512, cells=2048))
    random = Random(7)

    def second_reply():
        begun = time.monotonic()
        _, heard = ask(runner, asked("Tell me of the sea", max_tokens=24))
        heard.wait()
        return time.monotonic() - begun

    before = min(second_reply() for _ in range(3))
    for number in range(500):
        words = random.choice([1, 5, 40, 200, 2000])
        request = asked("word " * words, cache_key=f"{number % 9}", max_tokens=20)
        try:
            job, heard = ask(runner, request)
        except EngineFailed as failure:
            assert failure.kind == "too_long" or runner.waiting >= 16
            continue
        if random.random() < 0.7:
            heard.ended.wait(random.random() * 0.02)
        runner.cancel(job)
    wait_for(lambda: not runner.waiting and not runner.running)
    after = min(second_reply() for _ in range(3))
    memory = runner.memory
    runner.close()
    while memory.evict():
        pass
    assert memory.used == 0
    assert all(s.is_free for s in (*memory.heads, *memory.chats))
    assert after < 2 * before  # a leak would grow with every cancel
