"""The owner thread with the real small model: all that computes, what llama.cpp
refuses, and that who leaves leaves nothing."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from random import Random

from companion.engine.bindings import native
from companion.engine.llama import Llama
from companion.engine.request import Finished, Sampling
from tests.companion.engine.served import (
    Desk,
    ask,
    asked,
    caller,
    engine,
    started,
    wait_for,
)

CHAT = "/v1/chat/completions"
COMPUTING = ("step", "copy", "trim", "save", "load")
CALM = {"sampling": Sampling(temperature=0, repeat_penalty=1.0), "max_tokens": 8}


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


# --- llama.cpp's codes, by way of the whole engine; 2 is in test_llama.py


class Spoilt(Llama):
    """Reads `odd` as a token that does not exist."""

    def prepare(self, request):
        prompt = super().prepare(request)
        if request.messages[-1].content == "odd":
            return replace(prompt, tokens=[*prompt.tokens, 10_000_000])
        return prompt


def test_a_row_that_llama_refuses_fails_who_was_in_the_step_and_nobody_else(
    small_model, caplog
):
    """Code -1: nothing that was kept is trusted any more."""
    runner = started(Spoilt(small_model, threads=1, window=256, cells=512))
    first = ask(runner, asked("Hi", **CALM))[1].wait()
    endless = {"sampling": Sampling(ignore_eos=True), "max_tokens": 200}
    _, beside = ask(runner, asked("Hi", **endless))
    wait_for(lambda: beside.text)
    _, odd = ask(runner, asked("odd", **CALM))
    assert (odd.wait().last.kind, beside.wait().last.kind) == ("broken", "broken")
    assert "the model answered -1" in caplog.text
    assert ask(runner, asked("Hi", **CALM))[1].wait().text == first.text
    runner.close()


def test_a_memory_that_is_full_after_all_ends_the_newest_reply(small_model):
    """Code 1: the engine believes in more cells than there are."""
    model = Llama(small_model, threads=1, window=128, cells=256, sequences=12)
    assert model.cells == 256
    model.cells = 1024
    desk = Desk(model)
    long = {"sampling": Sampling(ignore_eos=True), "max_tokens": 30}
    heards = [desk.seated(asked("word " * 60, **long))[1] for _ in range(4)]
    desk.finish()
    assert desk.scheduler.counts.full > 0
    assert isinstance(heards[0].last, Finished)
    assert heards[-1].last.kind == "busy"
    assert all(heard.ended.is_set() for heard in heards)
    assert desk.speak(asked("Hi", **CALM)).text
    model.close()


# --- Who goes away: each comes and gives the act of leaving, which waits for a first
# --- word when it `hears`, and says whether there was one


def leaves_by_a_call(runner, http, words, key):
    job, heard = ask(runner, asked(words, cache_key=key, max_tokens=20))

    def leave(hears):
        if hears:
            wait_for(lambda: heard.text or heard.ended.is_set())
        runner.cancel(job)
        return bool(heard.text)

    return leave


def leaves_by_the_connection(runner, http, words, key):
    """As a page that is closed: nothing is said, the connection ends."""
    body = {"messages": [{"role": "user", "content": words}], "max_tokens": 20}
    body |= {"prompt_cache_key": key, "stream": True}
    reply = ExitStack()
    answer = reply.enter_context(http.stream("POST", CHAT, json=body))
    assert answer.status_code == 200

    def leave(hears):
        was_told = hears and any('"content"' in line for line in answer.iter_lines())
        reply.close()
        return was_told

    return leave


def is_refused(runner, http, words, key):
    body = {"messages": [{"role": "user", "content": "word " * 2000}]}
    answer = http.post(CHAT, json=body | {"prompt_cache_key": key})
    assert answer.json()["error"]["code"] == "context_length_exceeded"
    return lambda hears: False


COMES = [leaves_by_a_call, leaves_by_the_connection, is_refused]


def test_five_hundred_who_leave_leave_nothing_behind(small_model, tmp_path):
    """No sequence, no cell, no promise, and the engine as fast as before: up to four at
    once, who leave in any order, before they are read, meanwhile and in mid-reply."""
    model = Llama(small_model, threads=1, window=512, cells=2048)
    random, came, told, here = Random(7), Counter(), 0, []
    with engine(model, tmp_path / "e.sock") as (url, runner), caller(url) as http:
        before = min(seconds_of_a_reply(runner) for _ in range(3))
        for number in range(500):
            comes = random.choice(COMES)
            words = "word " * random.choice([1, 1, 5, 40, 200])
            here.append(comes(runner, http, words, f"{number % 9}"))
            came[comes] += 1
            time.sleep(random.choice([0, 0, 0.005, 0.02]))
            while len(here) > 4 or (here and random.random() < 0.3):
                told += here.pop(random.randrange(len(here)))(random.random() < 0.1)
        for leave in here:
            leave(False)
        wait_for(lambda: not runner.waiting and not runner.running)
        after = min(seconds_of_a_reply(runner) for _ in range(3))
        memory = runner.memory  # in the quiet it puts away whoever rests
        wait_for(lambda: all(chat.is_free for chat in memory.chats))
        assert memory.used == 0
        assert not any(map(held_by_llama(model), range(model.sequences + 1)))
    assert min(came.values()) > 120
    assert told > 15
    assert after < 2 * before


def seconds_of_a_reply(runner):
    begun = time.monotonic()
    _, heard = ask(runner, asked("Tell me of the sea", **(CALM | {"max_tokens": 24})))
    heard.wait()
    return time.monotonic() - begun


def held_by_llama(model):
    """How many positions of a sequence llama.cpp itself still has."""
    of = partial(native.llama_memory_seq_pos_max, model._memory)
    return lambda sequence: of(sequence) + 1
