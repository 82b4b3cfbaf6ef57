import pytest

from companion.engine.queue import Job, Line
from companion.engine.request import EngineFailed, Loading, Queued
from tests.companion.engine.served import Heard, asked


def joined(line):
    heard = Heard()
    job = Job(request=asked("hi"), tell=heard.tell)
    line.join(job)
    return job, heard


def test_everybody_hears_their_place_as_it_changes():
    line = Line()
    line.open()
    first, told_first = joined(line)
    assert line.take() is first
    second, told_second = joined(line)
    _, told_third = joined(line)
    assert line.take() is second
    assert told_first.events == []  # its turn came at once
    assert told_second.events == [Queued(1)]
    assert told_third.events == [Queued(2), Queued(1)]


def test_whoever_leaves_makes_room_for_the_others():
    line = Line()
    line.open()
    joined(line)
    line.take()
    second, _ = joined(line)
    _, told_third = joined(line)
    line.cancel(second)
    assert second.cancelled.is_set()
    assert told_third.events == [Queued(2), Queued(1)]


def test_a_full_line_takes_nobody_else():
    line = Line(limit=2)
    joined(line)
    joined(line)
    with pytest.raises(EngineFailed) as failure:
        joined(line)
    assert failure.value.kind == "busy"


def test_until_it_opens_everybody_hears_that_the_model_is_loading():
    line = Line()
    joined(line)
    _, told = joined(line)
    assert told.events == [Loading()]
    line.open()
    line.take()
    assert told.events == [Loading(), Queued(1)]


def test_a_closed_line_tells_everybody_and_takes_nobody():
    line = Line()
    line.open()
    running, told_running = joined(line)
    line.take()
    _, told_waiting = joined(line)
    line.close(EngineFailed("broken", "over"))
    assert [told_running.last.kind, told_waiting.last.kind] == ["broken", "broken"]
    assert running.cancelled.is_set()
    assert line.take() is None
    with pytest.raises(EngineFailed):
        joined(line)
