import pytest

from companion.engine.queue import Job, Line
from companion.engine.request import EngineFailed, Loading, Queued
from tests.companion.engine.served import Heard, asked


def joined(line):
    heard = Heard()
    job = Job(request=asked("hi"), tell=heard.tell)
    line.join(job)
    return job, heard


def seats(count):
    """So many seats, and who took them."""
    taken = []

    def seat(job):
        if len(taken) == count:
            return False
        taken.append(job)
        return True

    return taken, seat


def test_everybody_hears_their_place_as_it_changes():
    line = Line()
    line.open()
    (first, told_first), (second, told_second), (_, told_third) = (
        joined(line) for _ in range(3)
    )
    taken, seat = seats(1)
    line.admit(seat)
    assert taken == [first]
    taken.clear()
    line.admit(seat)
    assert taken == [second]
    assert told_first.events == []  # its turn came at once
    assert told_second.events == [Queued(1)]
    assert told_third.events == [Queued(2), Queued(1)]
    line.admit(lambda job: False)
    assert told_third.events == [Queued(2), Queued(1)]  # nothing new


def test_nobody_overtakes():
    line = Line()
    line.open()
    jobs = [joined(line)[0] for _ in range(3)]
    seated = []
    line.admit(lambda job: job is not jobs[0] and not seated.append(job))
    assert seated == []
    line.admit(lambda job: not seated.append(job))
    assert seated == jobs


def test_whoever_leaves_makes_room_for_the_others():
    line = Line()
    line.open()
    second, _ = joined(line)
    _, told_third = joined(line)
    line.admit(lambda job: False)
    line.cancel(second)
    line.admit(lambda job: False)
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
    line.admit(seats(1)[1])
    assert told.events == [Loading(), Queued(1)]


def test_another_model_counts_everybody_anew():
    line = Line()
    line.open()
    job, told = joined(line)
    job.prompt = object()
    line.reload()
    assert job.prompt is None
    assert told.events == [Loading()]


def test_a_closed_line_tells_everybody_and_takes_nobody():
    line = Line()
    line.open()
    waiting, told = joined(line)
    line.close(EngineFailed("broken", "over"))
    assert told.last.kind == "broken"
    assert waiting.cancelled.is_set()
    assert line.is_closed
    with pytest.raises(EngineFailed):
        joined(line)
