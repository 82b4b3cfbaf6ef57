"""The owner thread: with a scripted model for its order, with a real one for tokens."""

import threading
from dataclasses import dataclass

import pytest

from companion.engine.request import (
    EngineFailed,
    Finished,
    Loading,
    Thinking,
)
from companion.engine.runner import Runner
from companion.engine.scripted import SENTENCES, Scripted
from tests.companion.engine.served import ask, asked, started, wait_for


def test_a_reply_from_the_first_event_to_the_last():
    runner = started(Scripted(delay=0))
    _, heard = ask(runner, asked("Hi"))
    heard.wait()
    runner.close()
    assert heard.events[0] == Thinking()
    assert heard.text == SENTENCES
    assert heard.last == Finished("stop", "scripted", 1, 32)


def test_a_request_made_while_it_loads_is_answered_afterwards():
    may_load = threading.Event()

    def load():
        may_load.wait()
        return Scripted(delay=0)

    runner = Runner(load)
    runner.start()
    _, heard = ask(runner, asked("Hi"))
    assert heard.events == [Loading()]
    may_load.set()
    assert isinstance(heard.wait().last, Finished)
    runner.close()


def test_a_model_that_cannot_be_loaded_leaves_nobody_waiting():
    may_load = threading.Event()
    failed = threading.Event()

    def load():
        may_load.wait()
        raise ValueError("cut off")

    runner = Runner(load, on_failure=failed.set)
    runner.start()
    _, heard = ask(runner, asked("Hi"))
    may_load.set()
    assert heard.wait().last.kind == "broken"
    assert failed.wait(5)
    assert (runner.status, runner.reason) == ("failed", "cut off")
    with pytest.raises(EngineFailed):
        ask(runner, asked("Hi"))


@dataclass
class Fragile(Scripted):
    """Breaks when somebody says boo."""

    forgot: int = 0

    def speak(self, job):
        if job.request.messages[-1].content == "boo":
            raise ZeroDivisionError("boo")
        yield from super().speak(job)

    def forget(self):
        self.forgot += 1


def test_an_error_fails_its_own_reply_and_no_other(caplog):
    fragile = Fragile(delay=0)
    runner = started(fragile)
    _, boo = ask(runner, asked("boo"))
    _, hi = ask(runner, asked("Hi"))
    assert boo.wait().last.kind == "broken"
    assert isinstance(hi.wait().last, Finished)
    assert fragile.forgot == 1
    assert "boo" not in caplog.text
    runner.close()


def test_who_waited_too_long_is_told():
    runner = started(Scripted(delay=0.01))
    _, first = ask(runner, asked("Hi"))
    _, second = ask(runner, asked("Hi", max_seconds=0.05))
    assert second.wait().last.kind == "timeout"
    assert isinstance(first.last, Finished)
    runner.close()


def test_closing_tells_everybody():
    runner = started(Scripted(delay=0.1))
    _, first = ask(runner, asked("Hi"))
    _, second = ask(runner, asked("Hi"))
    runner.close()
    runner.close()
    assert [first.wait().last.kind, second.wait().last.kind] == ["broken", "broken"]


# --- The real small model


class Reader(Scripted):
    """Reads ahead until somebody interrupts."""

    interrupted = 0

    def read_ahead(self, job):
        wait_for(job.is_over)
        self.interrupted += 1
        return self.interrupted > 1


def test_who_comes_interrupts_the_reading_ahead():
    speaker = Reader(delay=0)
    runner = started(speaker, beginnings=[asked("")])
    _, first = ask(runner, asked("Hi"))
    assert first.wait().text == SENTENCES
    _, second = ask(runner, asked("Hi"))
    assert second.wait().text == SENTENCES
    runner.close()
    assert speaker.interrupted == 2
