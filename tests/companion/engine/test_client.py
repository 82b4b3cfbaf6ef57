import asyncio
import json
from contextlib import aclosing
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from companion.engine import wire
from companion.engine.client import EngineClient
from companion.engine.request import (
    EngineFailed,
    Finished,
    Queued,
    Sampling,
    Scores,
    Text,
    Thinking,
)
from companion.engine.scripted import SENTENCES, Scripted
from tests.companion.engine.others import HELLO, other_server, plain_chunk
from tests.companion.engine.served import asked, engine, listening, wait_for


async def heard(url, request=None, **options):
    request = request or asked("Hi")
    return [event async for event in EngineClient(url, **options).stream(request)]


def said(events):
    return "".join(event.text for event in events if isinstance(event, Text))


async def test_a_reply_of_our_engine(tmp_path):
    with engine(Scripted(delay=0), tmp_path / "e.sock") as (url, _):
        events = await heard(url)
    assert events[0] == Thinking()
    assert said(events) == SENTENCES
    assert events[-1] == Finished("stop", "scripted", 2, 32)


async def test_who_waits_hears_the_place(tmp_path):
    with engine(Scripted(delay=0.01), tmp_path / "e.sock", at_once=1) as (
        url,
        runner,
    ):
        first = asyncio.create_task(heard(url))
        await asyncio.to_thread(wait_for, lambda: runner.running)
        second = await heard(url)
        await first
    assert second[:2] == [Queued(1), Thinking()]


async def test_closing_the_stream_stops_the_model(tmp_path):
    slow = Scripted(text="word " * 1000, delay=0.05)
    with engine(slow, tmp_path / "e.sock") as (url, _):
        request = asked("Hi", max_tokens=1000)
        async with aclosing(EngineClient(url).stream(request)) as events:
            async for event in events:
                if isinstance(event, Text):
                    break
        quick = await asyncio.wait_for(heard(url, asked("Hi", max_tokens=1)), 5)
    assert isinstance(quick[-1], Finished)


async def test_a_full_engine_is_busy(tmp_path):
    slow = Scripted(delay=0.2)
    with engine(slow, tmp_path / "e.sock", limit=1) as (url, runner):
        running = asyncio.create_task(heard(url))
        await asyncio.to_thread(wait_for, lambda: runner.running)
        waiting = asyncio.create_task(heard(url))
        await asyncio.to_thread(wait_for, lambda: runner.waiting)
        with pytest.raises(EngineFailed) as failure:
            await heard(url)
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
    assert failure.value.kind == "busy"


async def test_too_long_a_prompt_is_refused(tmp_path):
    with (
        engine(Scripted(), tmp_path / "e.sock") as (url, _),
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url, asked("word " * 9000))
    assert failure.value.kind == "too_long"


async def test_an_engine_that_stops_in_the_middle_breaks_the_reply(tmp_path):
    with (
        engine(Scripted(delay=0.1), tmp_path / "e.sock") as (url, runner),
        pytest.raises(EngineFailed) as failure,
    ):
        async for event in EngineClient(url).stream(asked("Hi")):
            if isinstance(event, Text):
                await asyncio.to_thread(runner.close)
    assert failure.value.kind == "broken"


@pytest.mark.parametrize(
    "url", ["unix:///nowhere/e.sock", "http://127.0.0.1:9", "ftp://x"]
)
async def test_nobody_there(url):
    with pytest.raises(EngineFailed) as failure:
        await heard(url)
    assert failure.value.kind == "unreachable"


# --- Any other server of the same protocol


async def test_a_plain_server_needs_to_know_nothing_of_ours(tmp_path):
    with listening(other_server(*HELLO), tmp_path / "o.sock") as url:
        events = await heard(url)
    assert said(events) == "Hello"
    assert events[-1] == Finished("stop", "gpt", 7, 2)


async def test_what_is_asked_of_it(tmp_path):
    seen = []
    request = replace(
        asked("Hi", system="Be kind.", stop=("User:",), cache_key="chat", shared=1),
        sampling=Sampling(seed=3),
    )
    with listening(other_server(*HELLO, seen=seen), tmp_path / "o.sock") as url:
        await heard(url, request, key="secret", model="gpt")
    body, headers = seen[0]
    assert headers["authorization"] == "Bearer secret"
    assert body == {
        "model": "gpt",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 400,
        "temperature": 0.7,
        "top_p": 0.9,
        "stop": ["User:"],
        "seed": 3,
        "top_k": 40,
        "min_p": 0.05,
        "repeat_penalty": 1.05,
        "max_seconds": 60.0,
        "prompt_cache_key": "chat",
        "shared_messages": 1,
    }


async def test_a_strict_server_is_asked_again_without_our_fields(
    tmp_path, unused_tcp_port
):
    seen = []
    app = other_server(*HELLO, strict=True, seen=seen)
    with listening(app, tmp_path / "o.sock", port=unused_tcp_port) as url:
        assert said(await heard(url)) == "Hello"
    assert ["top_k" in body for body, _ in seen] == [True, False]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (408, "timeout"),
        (429, "busy"),
        (500, "broken"),
        (503, "unreachable"),
        (504, "timeout"),
    ],
)
async def test_what_a_status_means(tmp_path, status, kind):
    with (
        listening(other_server(status=status), tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url)
    assert failure.value.kind == kind


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ('{"error":{"code":"context_length_exceeded"}}', "too_long"),
        ('{"error":{"type":"exceed_context_size_error","code":400}}', "too_long"),
        ("This model's maximum context length is 4096 tokens.", "too_long"),
        ("longer than the model's context length (4096 tokens)", "too_long"),
        ("the content type must be application/json", "refused"),
    ],
)
async def test_a_prompt_too_long_is_told_from_other_refusals(tmp_path, says, kind):
    app = other_server(status=400, says=says)
    with (
        listening(app, tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url)
    assert failure.value.kind == kind


async def test_a_prompt_that_proves_too_long_after_the_loading_says_so(tmp_path):
    frame = wire.error(EngineFailed("too_long"))
    app = other_server(f"data: {json.dumps(frame)}\n\n")
    with (
        listening(app, tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url)
    assert failure.value.kind == "too_long"


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [plain_chunk("Hel")],
        [plain_chunk("Hel"), "data: [DONE]\n\n"],
        ["data: {not json\n\n"],
        ['data: {"choices": [3]}\n\n'],
        ["data: [1]\n\n"],
        ['data: {"error": {"message": "out of memory"}}\n\n'],
    ],
)
async def test_a_stream_without_a_proper_end_is_broken(tmp_path, frames):
    with (
        listening(other_server(*frames), tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url)
    assert failure.value.kind == "broken"


async def test_a_page_instead_of_a_stream_is_broken(tmp_path):
    async def page(request):
        return Response("<h1>Welcome</h1>", media_type="text/html")

    app = Starlette(routes=[Route("/v1/chat/completions", page, methods=["POST"])])
    with (
        listening(app, tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url)
    assert failure.value.kind == "broken"


async def test_a_server_that_falls_silent_runs_out_of_time(tmp_path, monkeypatch):
    monkeypatch.setattr("companion.engine.client.GRACE_SECONDS", 0.1)
    silent = other_server(plain_chunk("Hel"), plain_chunk("lo"), pause=1)
    with (
        listening(silent, tmp_path / "o.sock") as url,
        pytest.raises(EngineFailed) as failure,
    ):
        await heard(url, asked("Hi", max_seconds=0.2))
    assert failure.value.kind == "timeout"


async def test_scores_instead_of_words(tmp_path):
    speaker = Scripted(delay=0, scored={7: 2.5})
    with engine(speaker, tmp_path / "e.sock") as (url, _):
        events = await heard(url, asked("Hi", scores_of=(8, 7)))
    assert events == [
        Thinking(),
        Scores((0.0, 2.5)),
        Finished("stop", "scripted", 2, 0),
    ]
