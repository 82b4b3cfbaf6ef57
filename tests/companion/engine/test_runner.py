"""The owner thread: loading, quiet, breaking, another model, stopping."""

import threading
import time
from dataclasses import dataclass
from functools import partial

import pytest

from companion.engine.parking import Parking
from companion.engine.request import EngineFailed, Finished, Loading, Queued, Thinking
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
    assert heard.last == Finished("stop", "scripted", 2, 32)


def loading():
    """A load that waits, and what lets it go on."""
    may_load = threading.Event()

    def load():
        may_load.wait()
        return Scripted(delay=0)

    return load, may_load


def test_a_request_made_while_it_loads_is_answered_afterwards():
    load, may_load = loading()
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
    """Breaks once, when it is told to."""

    breaks: bool = False

    def step(self, rows, is_over):
        if self.breaks:
            self.breaks = False
            raise ZeroDivisionError("boo")
        return super().step(rows, is_over)


def test_a_step_that_breaks_fails_who_was_in_it_and_nobody_else(caplog):
    fragile = Fragile(delay=0.02)
    runner = started(fragile)
    heards = [ask(runner, asked("boo"))[1] for _ in range(2)]
    wait_for(lambda: all(heard.text for heard in heards))
    fragile.breaks = True
    assert [heard.wait().last.kind for heard in heards] == ["broken", "broken"]
    _, after = ask(runner, asked("Hi"))
    assert after.wait().text == SENTENCES
    assert "ZeroDivisionError" in caplog.text
    assert "boo" not in caplog.text
    runner.close()


@dataclass
class Unreadable(Scripted):
    """Cannot even count what it is asked."""

    def prepare(self, request):
        raise ZeroDivisionError("boo")


def test_who_cannot_be_seated_is_told_and_not_tried_again():
    """Asked while the model loaded, so that its own thread counts the tokens."""
    may_load = threading.Event()

    def load():
        may_load.wait()
        return Unreadable(delay=0)

    runner = Runner(load)
    runner.start()
    heards = [ask(runner, asked("boo"))[1] for _ in range(2)]
    may_load.set()
    assert [heard.wait().last.kind for heard in heards] == ["broken", "broken"]
    assert [len(heard.events) for heard in heards] == [2, 2]  # and that it loads
    assert (runner.waiting, runner.status) == (0, "ok")
    runner.close()


@dataclass
class Stuck(Fragile):
    """Cannot be cleared up after it broke."""

    def clear(self):
        raise OSError("boo")


def test_an_engine_that_cannot_clear_up_ends_and_leaves_nobody_waiting():
    failed = threading.Event()
    stuck = Stuck(delay=0.02)
    runner = started(stuck, at_once=1, on_failure=failed.set)
    heards = [ask(runner, asked("Hi"))[1] for _ in range(3)]
    wait_for(lambda: heards[0].text)
    stuck.breaks = True
    assert [heard.wait().last.kind for heard in heards] == ["broken"] * 3
    assert failed.wait(5)
    assert runner.status == "failed"
    assert runner.reason == "it broke and could not clear up: OSError"
    with pytest.raises(EngineFailed):
        ask(runner, asked("Hi"))


def test_what_memory_cannot_hold_lies_sealed_on_the_disk(tmp_path):
    runner = started(Scripted(delay=0), parking=Parking(tmp_path, memory=0))
    _, heard = ask(runner, asked("a secret", cache_key="a", max_tokens=9))
    heard.wait()
    wait_for(lambda: runner.parking.bytes_on_disk)  # in the quiet
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size == runner.parking.bytes_on_disk > 0
    begun = runner.counts.read
    more = asked("a secret", heard.text, "and then", cache_key="a", max_tokens=1)
    ask(runner, more)[1].wait()
    assert runner.counts.read - begun < 8 < len(Scripted().prepare(more).tokens)
    assert list(tmp_path.iterdir()) == []
    runner.close()


def test_more_than_have_a_seat_hear_their_place():
    runner = started(Scripted(delay=0.01), at_once=1)
    _, first = ask(runner, asked("Hi"))
    wait_for(lambda: first.text)
    _, second = ask(runner, asked("Hi"))
    wait_for(lambda: second.events)
    _, third = ask(runner, asked("Hi"))
    third.wait()
    runner.close()
    assert first.events[0] == Thinking()
    assert second.events[:2] == [Queued(1), Thinking()]
    assert third.events[:3] == [Queued(2), Queued(1), Thinking()]


def test_closing_tells_everybody():
    runner = started(Scripted(delay=0.1), at_once=1)
    heards = [ask(runner, asked("Hi"))[1] for _ in range(3)]
    wait_for(lambda: heards[0].events)
    runner.close()
    runner.close()
    assert {heard.wait().last.kind for heard in heards} == {"broken"}


def test_who_comes_interrupts_the_reading_ahead():
    slow = Scripted(delay=0.3)
    runner = started(slow, beginnings=[asked("", system="be kind " * 400, shared=1)])
    wait_for(lambda: runner.stepping_since)
    slow.delay = 0
    _, heard = ask(runner, asked("Hi"))
    assert heard.wait().text == SENTENCES
    wait_for(lambda: runner.counts.read >= 800)
    runner.close()


def test_who_comes_interrupts_what_is_read_in_the_quiet():
    slow = Scripted(delay=0)
    runner = started(slow)
    _, heard = ask(runner, asked("Hi", cache_key="a", max_tokens=5))
    slow.delay = 0.3
    heard.wait()
    wait_for(lambda: runner.stepping_since)
    slow.delay = 0
    begun = time.monotonic()
    _, other = ask(runner, asked("Hi", max_tokens=5))
    other.wait()
    assert time.monotonic() - begun < 0.2
    wait_for(lambda: runner.parking.chats == 1)
    runner.close()


def test_a_long_step_that_moves_does_not_look_hung():
    runner = started(Scripted(delay=1))
    ask(runner, asked("word " * 60, max_tokens=1))
    wait_for(lambda: runner.stepping_since)
    begun = runner.stepping_since
    wait_for(lambda: (runner.stepping_since or 0) >= begun + 0.5)
    assert runner.counts.steps == 0  # it is still the same step
    runner.close()


# --- Another model


def test_another_model_takes_over_when_the_replies_in_the_making_are_over():
    runner = started(Scripted(delay=0.02))
    _, first = ask(runner, asked("Hi"))
    wait_for(lambda: first.text)
    runner.switch(lambda: Scripted(delay=0, text="Other.", name="other"))
    assert first.last == Finished("stop", "scripted", 2, 32)
    _, second = ask(runner, asked("Hi"))
    assert second.wait().text == "Other."
    assert (runner.name, runner.status) == ("other", "ok")
    runner.close()


def test_who_comes_during_the_change_waits_for_it():
    load, may_load = loading()
    runner = started(Scripted(delay=0, text="Old."))
    switch = partial(runner.switch, load, name="other")
    changing = threading.Thread(target=switch)
    changing.start()
    wait_for(lambda: runner.status == "loading")
    assert runner.name == "other"  # never the one that is gone
    _, heard = ask(runner, asked("Hi"))
    assert heard.events == [Loading()]
    with pytest.raises(EngineFailed) as refused:
        runner.switch(load)
    assert refused.value.kind == "busy"
    may_load.set()
    assert heard.wait().text == SENTENCES
    changing.join()
    runner.close()


def test_a_model_that_fails_leaves_the_old_one():
    def load():
        raise ValueError("its sha256 is another")

    runner = started(Scripted(delay=0))
    with pytest.raises(EngineFailed, match="its sha256 is another"):
        runner.switch(load, name="other")
    _, heard = ask(runner, asked("Hi"))
    assert heard.wait().text == SENTENCES
    assert (runner.name, runner.status) == ("scripted", "ok")
    runner.close()


def test_when_the_old_one_is_gone_too_everybody_is_told():
    loads = iter([Scripted(delay=0)])
    runner = Runner(lambda: next(loads))
    runner.start()
    wait_for(lambda: runner.status == "ok")
    with pytest.raises(EngineFailed):
        runner.switch(lambda: next(loads))
    wait_for(lambda: runner.status == "failed")
    runner.close()
