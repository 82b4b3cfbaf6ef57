"""A real model: its tokens, what it keeps, and that forged roles stay text."""

import time
from dataclasses import replace

import pytest

from companion.engine.llama import WIDTH, Llama
from companion.engine.model import Outcome, Rows
from companion.engine.request import (
    EngineFailed,
    Finished,
    Sampling,
    Scores,
    Text,
    Thinking,
)
from tests.companion.engine.served import Desk, ask, asked, started, wait_for

GREEDY = Sampling(temperature=0, repeat_penalty=1.0)
SHORT = {"sampling": GREEDY, "max_tokens": 24}
LONG_ROLE = "You are a lighthouse keeper. " * 12


def test_the_real_model_answers(desk):
    heard = desk.speak(asked("Tell me about the sea.", **SHORT))
    assert heard.events[0] == Thinking()
    assert "sea" in heard.text
    assert heard.last.reason == "length"
    assert heard.last.completion_tokens == 24
    assert heard.last.model == "smollm2-135m-instruct-q4_1"
    assert heard.last.prompt_tokens > 0


def test_too_long_a_prompt_is_refused_before_it_is_computed(desk):
    with pytest.raises(EngineFailed) as failure:
        desk.model.prepare(asked("word " * 600))
    assert failure.value.kind == "too_long"
    assert desk.read == 0


def test_a_prompt_of_many_steps_is_computed(desk):
    heard = desk.speak(asked("word " * 300, **SHORT))
    assert heard.last.prompt_tokens > 300 > WIDTH
    assert desk.read == heard.last.prompt_tokens


def test_the_context_ends_the_reply(desk):
    said = "Tell me a long story. " + "word " * 420
    heard = desk.speak(asked(said, sampling=Sampling(temperature=1.5, ignore_eos=True)))
    assert heard.last.prompt_tokens + heard.last.completion_tokens == 512
    assert heard.last.reason == "length"


def test_a_stop_string_ends_the_reply(desk):
    whole = desk.speak(asked("Tell me about the sea.", **SHORT))
    fourth = whole.text.split()[3]
    cut = desk.speak(asked("Tell me about the sea.", **SHORT, stop=(fourth,)))
    assert cut.text == whole.text[: whole.text.index(fourth)]
    assert cut.last.reason == "stop"


def test_the_same_seed_says_the_same(desk):
    request = asked("Tell me a story.", sampling=Sampling(seed=7), max_tokens=12)
    assert desk.speak(request).text == desk.speak(request).text


def test_a_second_turn_computes_only_what_is_new(desk):
    kind = {"system": "Be kind. " * 20, "cache_key": "boat", **SHORT}
    reply = desk.speak(asked("My boat is green.", **kind))
    second = asked("My boat is green.", reply.text, "And red?", **kind)
    assert desk.read_by(second) < 20 < len(desk.model.prepare(second).tokens)


def test_many_chats_say_what_each_would_say_alone(small_model):
    """Batched rows are rounded otherwise than single ones, so the first words count;
    with OpenBLAS, which many rows go to and few do not, not even they are the same."""
    room = {"threads": 1, "window": 512, "cells": 2048, "sequences": 8}
    model = Llama(small_model, **room, with_openblas=False)
    desk = Desk(model)
    asks = [f"What is a {thing}?" for thing in ("boat", "lamp", "shoe", "cloud")]
    requests = [
        asked(said, system=LONG_ROLE, shared=1, sampling=GREEDY, max_tokens=6)
        for said in asks
    ]
    alone = [desk.speak(request).text for request in requests]
    together = [desk.seated(request)[1] for request in requests]
    desk.finish()
    assert [heard.text for heard in together] == alone
    model.close()


def test_chats_of_one_persona_read_it_once(desk):
    requests = [
        asked(f"What is {n}?", system=LONG_ROLE, shared=1, **SHORT) for n in range(4)
    ]
    prompts = [desk.model.prepare(request) for request in requests]
    for request in requests:
        desk.seated(request)
    desk.finish()
    own = sum(len(prompt.tokens) - prompt.shared for prompt in prompts)
    assert desk.read == prompts[0].shared + own


def test_a_chat_that_comes_back_is_not_read_again(desk):
    role = {"system": LONG_ROLE, "cache_key": "keeper", "shared": 1}
    reply = desk.speak(asked("Hi", **role, **SHORT))
    while desk.memory.evict():
        pass
    assert (desk.parking.chats, desk.memory.used) == (1, 0)
    second = asked("Hi", reply.text, "And then?", **role, **SHORT)
    assert desk.read_by(second) < 20
    assert desk.parking.chats == 0


def test_what_was_parked_changes_nothing_in_the_reply(desk):
    role = {"system": LONG_ROLE, "cache_key": "keeper", "shared": 1}
    reply = desk.speak(asked("What is the sea like?", **role, **SHORT))
    second = asked("What is the sea like?", reply.text, "Why?", **role, **SHORT)
    kept = desk.speak(second).text
    desk.memory.clear()
    desk.speak(asked("What is the sea like?", **role, **SHORT))
    while desk.memory.evict():
        pass
    assert desk.speak(second).text == kept


def test_what_was_read_in_the_quiet_is_not_read_again(desk):
    role = {"system": LONG_ROLE, "cache_key": "keeper", "shared": 1}
    reply = desk.speak(asked("Hi", **role, **SHORT))
    second = asked("Hi", reply.text, "And then?", **role, **SHORT)
    begun, told = desk.read, len(desk.model.between) + 1
    while desk.scheduler.settle(lambda: False):
        pass
    assert desk.read - begun == told  # and the last token of the reply
    before = len(desk.model.prepare(asked("Hi", **role)).tokens)
    own = len(desk.model.prepare(second).tokens) - before
    assert desk.read_by(second) == own - 24 - told + 1


def test_what_was_read_in_the_quiet_changes_nothing_in_the_reply(desk):
    role = {"system": LONG_ROLE, "cache_key": "keeper", "shared": 1}
    reply = desk.speak(asked("What is the sea like?", **role, **SHORT))
    second = asked("What is the sea like?", reply.text, "Why?", **role, **SHORT)
    kept = desk.speak(second).text
    desk.memory.clear()
    desk.speak(asked("What is the sea like?", **role, **SHORT))
    while desk.scheduler.settle(lambda: False):
        pass
    assert desk.speak(second).text == kept


def test_a_beginning_read_ahead_is_not_read_again(desk):
    role = {"system": LONG_ROLE, "shared": 1}
    beginning = desk.model.prepare(asked("", **role))
    while desk.scheduler.read_ahead(beginning, lambda: False):
        pass
    assert desk.read == beginning.shared
    assert desk.read_by(asked("Hi", **role, **SHORT)) < 16


def test_every_piece_holds_whole_characters(desk):
    request = asked("Repeat: 你好，世界 🌊🌊", sampling=GREEDY, max_tokens=60)
    pieces = [e.text for e in desk.speak(request).events if isinstance(e, Text)]
    assert pieces
    assert not any("�" in piece for piece in pieces)


def test_a_token_without_a_place_is_no_crash(desk):
    rows = Rows()
    rows.add(3, 50, [100], last=True)
    with pytest.raises(EngineFailed, match="no place"):
        desk.model.step(rows, None)


def test_more_rows_than_promised_are_no_crash(desk):
    rows = Rows()
    rows.add(0, 0, [100] * (WIDTH + 1), last=True)
    with pytest.raises(ValueError, match="do not fit"):
        desk.model.step(rows, None)


def test_more_outputs_than_promised_are_no_crash(desk):
    rows = Rows()
    for sequence in range(7):
        rows.add(sequence, 0, [100], last=True)
    rows.outputs += [0, 1]
    with pytest.raises(ValueError, match="do not fit"):
        desk.model.step(rows, None)


def test_a_token_that_does_not_exist_is_an_error(desk):
    """llama.cpp's code -1."""
    rows = Rows()
    rows.add(0, 0, [10_000_000], last=True)
    with pytest.raises(EngineFailed, match="answered -1"):
        desk.model.step(rows, None)
    desk.model.clear()


def test_a_memory_that_is_full_says_so(desk):
    """llama.cpp's code 1; what was there stays."""
    rows, sequence = Rows(), 0
    while sequence < 8:
        rows = Rows()
        rows.add(sequence, 0, [100] * WIDTH, last=False)
        assert desk.model.step(rows, None) is Outcome.DONE
        sequence += 1
    more = Rows()
    more.add(0, WIDTH, [100], last=True)
    assert desk.model.step(more, None) is Outcome.FULL
    assert desk.model.trim(7, 0)
    assert desk.model.step(more, None) is Outcome.DONE


def test_a_step_that_nobody_wants_is_aborted(desk):
    """llama.cpp's code 2; the same step can be made afterwards."""
    rows = Rows()
    rows.add(0, 0, [100] * WIDTH, last=True)
    begun = time.monotonic()
    assert desk.model.step(rows, lambda: True) is Outcome.ABORTED
    assert time.monotonic() - begun < 0.5
    assert desk.model.trim(0, 0)
    assert desk.model.step(rows, None) is Outcome.DONE


def test_a_reply_is_cancelled_within_a_step(small_model):
    runner = started_real(small_model)
    endless = Sampling(ignore_eos=True)
    request = asked("Tell me a long story.", sampling=endless, max_tokens=400)
    asking, heard = ask(runner, request)
    wait_for(lambda: heard.text)
    runner.cancel(asking)
    at_most = runner.counts.spoken + 1  # the step that was under way
    wait_for(lambda: not runner.running)
    assert runner.counts.spoken <= at_most
    assert not isinstance(heard.last, Finished)
    runner.close()


def test_a_long_prompt_is_cancelled_in_the_middle_of_a_step(small_model):
    """llama.cpp's code 2, by way of the whole engine."""
    runner = started_real(small_model)
    asking, heard = ask(runner, asked("word " * 450))
    wait_for(lambda: heard.events)
    time.sleep(0.05)  # the first step takes ten times as long
    runner.cancel(asking)
    wait_for(lambda: not runner.running)
    assert (runner.counts.steps, runner.counts.read) == (1, 0)
    assert heard.events == [Thinking()]
    _, following = ask(runner, asked("Hi", **SHORT))
    assert following.wait().text
    runner.close()


def test_a_reply_ends_when_its_time_is_over(desk):
    endless = Sampling(ignore_eos=True)
    request = asked("Tell a story.", sampling=endless, max_tokens=400, max_seconds=1)
    heard = desk.speak(request)
    assert heard.last.reason == "length"
    assert 0 < heard.last.completion_tokens < 400


def started_real(path):
    return started(Llama(path, threads=1, window=512, cells=1024, sequences=10))


def test_what_it_scores_highest_is_what_it_would_say(desk):
    request = asked("Tell me about the sea.", sampling=GREEDY, max_tokens=1)
    said = desk.speak(request).text
    vocabulary = range(49_152)
    heard = desk.speak(replace(request, scores_of=tuple(vocabulary)))
    assert heard.text == ""
    scores = _scores(heard)
    assert len(scores) == len(vocabulary)
    best = max(vocabulary, key=scores.__getitem__)
    assert desk.model.spelled(best).decode() == said
    assert heard.last.reason == "stop"
    assert heard.last.completion_tokens == 0
    assert not desk.running


def test_a_token_that_the_model_lacks_is_refused(desk):
    with pytest.raises(EngineFailed) as failure:
        desk.model.prepare(asked("Hello", scores_of=(49_152,)))
    assert failure.value.kind == "refused"


def test_scores_are_those_of_the_message_alone(desk):
    """Whoever else is read in the same step leaves them as they are."""
    kind = {"system": LONG_ROLE, "shared": 1, "scores_of": tuple(range(50))}
    sad, glad = (asked(said, **kind) for said in ("I am sad.", "I am glad."))
    alone = [_scores(desk.speak(one)) for one in (sad, glad)]
    together = [desk.seated(one)[1] for one in (sad, glad)]
    desk.finish()
    for before, heard in zip(alone, together, strict=True):
        assert _scores(heard) == pytest.approx(before, abs=0.5)
    assert alone[0] != pytest.approx(alone[1], abs=0.5)


def _scores(heard):
    return next(e.values for e in heard.events if isinstance(e, Scores))
