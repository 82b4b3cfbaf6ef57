import asyncio
import logging
import threading
from collections import Counter
from contextlib import ExitStack, aclosing
from itertools import count

import pytest

from companion.engine.pool import REST_SECONDS, EnginePool, ranked
from companion.engine.request import EngineFailed, Finished, Text
from companion.engine.scripted import Scripted
from tests.companion.engine.others import HELLO, other_server, plain_chunk
from tests.companion.engine.served import PATIENCE, asked, engine, listening, wait_for


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def serve(tmp_path):
    """`serve(app)` listens until the test ends; gives the URL."""
    with ExitStack() as open_doors:
        number = count()

        def at_a_door(app):
            door = tmp_path / f"{next(number)}.sock"
            return open_doors.enter_context(listening(app, door))

        yield at_a_door


@pytest.fixture
def clock():
    return Clock()


def hello(seen=None):
    return other_server(*HELLO, seen=seen)


def chat_of(*order):
    """The name of a chat that tries these engines in this order."""
    names = (str(number) for number in count())
    return next(name for name in names if ranked(order, name) == list(order))


async def heard(pool, chat=""):
    request = asked("Hi", cache_key=chat)
    return [event async for event in pool.stream(request)]


async def failure_of(pool, chat=""):
    with pytest.raises(EngineFailed) as failure:
        await heard(pool, chat)
    return failure.value.kind


def said(events):
    return "".join(event.text for event in events if isinstance(event, Text))


# --- Who is asked


def test_chats_are_spread_and_every_process_chooses_alike():
    urls = [f"http://{name}.example" for name in "abc"]
    chats = [str(number) for number in range(3000)]
    first = Counter(ranked(urls, chat)[0] for chat in chats)
    assert all(900 < first[url] < 1100 for url in urls)
    assert all(ranked(urls, c) == ranked(urls[::-1], c) for c in chats)


def test_a_new_engine_takes_its_share_and_moves_no_other_chat():
    old = [f"http://{name}.example" for name in "abc"]
    new = [*old, "http://d.example"]
    for chat in map(str, range(1000)):
        now = ranked(new, chat)
        assert ranked(old, chat) == [url for url in now if url != new[-1]]


async def test_a_chat_stays_with_its_engine(serve, clock):
    seen = [], []
    urls = [serve(hello(its)) for its in seen]
    pool = EnginePool(urls, clock=clock)
    for _ in range(5):
        await heard(pool, chat_of(urls[0], urls[1]))
    assert [len(its) for its in seen] == [5, 0]
    await heard(pool, chat_of(urls[1], urls[0]))
    assert [len(its) for its in seen] == [5, 1]


# --- Who answers instead


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_another_engine_answers_for_one_that_cannot(serve, clock, status):
    urls = [serve(other_server(status=status)), serve(hello())]
    events = await heard(EnginePool(urls, clock=clock), chat_of(*urls))
    assert said(events) == "Hello"
    assert events[-1] == Finished("stop", "gpt", 7, 2)


async def test_another_engine_answers_for_one_that_is_away(serve, clock, tmp_path):
    urls = [f"unix://{tmp_path}/nobody.sock", serve(hello())]
    assert said(await heard(EnginePool(urls, clock=clock), chat_of(*urls))) == "Hello"


async def test_an_engine_that_dies_with_a_chat_in_its_queue(tmp_path):
    slow, quick = Scripted(delay=0.2), Scripted(delay=0)
    with (
        engine(slow, tmp_path / "slow.sock") as (url, runner),
        engine(quick, tmp_path / "quick.sock") as (other, _),
    ):
        pool = EnginePool([url, other])
        running = asyncio.create_task(heard(pool, chat_of(url, other)))
        await asyncio.to_thread(wait_for, lambda: runner.running)
        waiting = asyncio.create_task(heard(pool, chat_of(url, other)))
        await asyncio.to_thread(wait_for, lambda: runner.waiting)
        await asyncio.to_thread(runner.close)
        answered = await waiting
        await asyncio.gather(running, return_exceptions=True)
    assert said(answered) == quick.text
    assert answered[-1].reason == "stop"


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (other_server(status=400), "refused"),
        (other_server(status=401), "refused"),
        (other_server(status=504), "timeout"),
        (other_server(plain_chunk("Hel")), "broken"),
    ],
)
async def test_what_no_other_engine_is_asked(serve, clock, first, kind):
    seen = []
    urls = [serve(first), serve(hello(seen))]
    assert await failure_of(EnginePool(urls, clock=clock), chat_of(*urls)) == kind
    assert seen == []


async def test_nothing_is_said_twice(serve, clock):
    seen, events = [], []
    urls = [serve(other_server(plain_chunk("Hel"))), serve(hello(seen))]
    with pytest.raises(EngineFailed):
        async for event in EnginePool(urls, clock=clock).stream(
            asked("Hi", cache_key=chat_of(*urls))
        ):
            events.append(event)
    assert events == [Text("Hel")]
    assert seen == []


async def test_what_broke_two_engines_is_not_given_to_a_third(serve, clock):
    seen = []
    urls = [serve(other_server()), serve(other_server()), serve(hello(seen))]
    assert await failure_of(EnginePool(urls, clock=clock), chat_of(*urls)) == "broken"
    assert seen == []


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ((429, 429), "busy"),
        ((429, 503), "busy"),
        ((503, 429), "busy"),
        ((503, 503), "unreachable"),
    ],
)
async def test_when_nobody_can(serve, clock, statuses, kind):
    urls = [serve(other_server(status=status)) for status in statuses]
    assert await failure_of(EnginePool(urls, clock=clock), chat_of(*urls)) == kind


async def test_closing_the_stream_stops_the_model(tmp_path):
    slow = Scripted(text="word " * 1000, delay=0.05)
    with engine(slow, tmp_path / "e.sock") as (url, _):
        pool = EnginePool([url])
        async with aclosing(pool.stream(asked("Hi", max_tokens=1000))) as events:
            async for event in events:
                if isinstance(event, Text):
                    break
        slow.delay = 0
        await asyncio.wait_for(heard(pool), 5)


# --- Who is left out


def ailing(*statuses, seen, may_answer=None):
    """A server whose next answers have these statuses; afterwards it is well, but
    answers only when it may."""
    left = [other_server(status=status, seen=seen) for status in statuses]
    well = hello(seen)

    async def app(scope, receive, send):
        if not left and may_answer:
            await asyncio.to_thread(may_answer.wait, PATIENCE)
        await (left.pop(0) if left else well)(scope, receive, send)

    return app


async def test_an_engine_that_failed_is_left_out_and_then_tried_again(serve, clock):
    first, second = [], []
    urls = [serve(ailing(503, seen=first)), serve(hello(second))]
    pool = EnginePool(urls, clock=clock)
    asked_so_far = []
    for seconds in (0, 0, REST_SECONDS - 0.1, 0.1, 0):
        clock.now += seconds
        await heard(pool, chat_of(*urls))
        asked_so_far.append((len(first), len(second)))
    assert asked_so_far == [(1, 1), (1, 2), (1, 3), (2, 3), (3, 3)]


async def test_one_that_is_still_away_is_left_out_again(serve, clock):
    first = []
    urls = [serve(ailing(503, 503, seen=first)), serve(hello())]
    pool = EnginePool(urls, clock=clock)
    for seconds in (0, REST_SECONDS, REST_SECONDS - 1):
        clock.now += seconds
        await heard(pool, chat_of(*urls))
    assert len(first) == 2


async def test_one_request_finds_out_and_the_others_do_not_wait_with_it(serve, clock):
    first, second, may_answer = [], [], threading.Event()
    well = ailing(503, seen=first, may_answer=may_answer)
    urls = [serve(well), serve(hello(second))]
    pool, chat = EnginePool(urls, clock=clock), chat_of(*urls)
    await heard(pool, chat)
    clock.now += REST_SECONDS
    finding_out = asyncio.create_task(heard(pool, chat))
    await asyncio.sleep(0)  # it has chosen its engine
    await heard(pool, chat)
    assert (len(first), len(second)) == (1, 2)
    may_answer.set()
    await finding_out
    await heard(pool, chat)
    assert (len(first), len(second)) == (3, 2)


@pytest.mark.parametrize("status", [429, 400])
async def test_who_is_only_busy_or_refuses_is_not_left_out(serve, clock, status):
    first = []
    urls = [serve(ailing(status, seen=first)), serve(hello())]
    pool = EnginePool(urls, clock=clock)
    for _ in range(2):
        try:
            await heard(pool, chat_of(*urls))
        except EngineFailed as failure:
            assert failure.kind == "refused"
    assert len(first) == 2


async def test_the_last_one_is_asked_even_while_it_rests(serve, clock):
    pool = EnginePool([serve(ailing(503, seen=[]))], clock=clock)
    assert await failure_of(pool) == "unreachable"
    assert said(await heard(pool)) == "Hello"


async def test_the_log_names_the_engine_and_no_word(serve, clock, caplog):
    url = serve(other_server(status=503))
    with caplog.at_level(logging.DEBUG, logger="companion"):
        await failure_of(EnginePool([url], clock=clock))
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("companion")]
    assert ours == [f"engine at {url.removeprefix('unix://')}: unreachable"]
