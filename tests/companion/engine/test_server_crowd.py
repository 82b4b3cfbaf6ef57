"""Several clients of one engine: the full queue, and those who go away."""

import asyncio
import json

import httpx
import pytest

from companion.engine.scripted import Scripted
from tests.companion.engine.served import caller, engine, wait_for
from tests.companion.engine.test_server import CHAT, HI, frames_of


async def test_a_full_queue_says_so_and_the_others_hear_their_place(tmp_path):
    slow = Scripted(delay=0.02)
    with engine(slow, tmp_path / "e.sock", limit=2, at_once=1) as (url, runner):
        wire = httpx.AsyncHTTPTransport(uds=url.removeprefix("unix://"))
        async with httpx.AsyncClient(transport=wire, base_url="http://e") as http:

            async def ask():
                return await http.post(CHAT, json=HI | {"stream": True}, timeout=20)

            first = asyncio.create_task(ask())
            await asyncio.to_thread(wait_for, lambda: runner.running == 1)
            second = asyncio.create_task(ask())
            await asyncio.to_thread(wait_for, lambda: runner.waiting == 1)
            third = asyncio.create_task(ask())
            await asyncio.to_thread(wait_for, lambda: runner.waiting == 2)
            refused = await ask()
            answers = [await first, await second, await third]
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "busy")
    assert runner.requests == 3
    places = [
        [
            chunk["companion"].get("position", 0)
            for frame in frames_of(answer)[:-1]
            if "companion" in (chunk := json.loads(frame))
        ]
        for answer in answers
    ]
    assert places == [[0], [1, 0], [2, 1, 0]]  # 0: its turn


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_away_frees_the_model(tmp_path, stream):
    slow = Scripted(text="word " * 1000, delay=0.02)
    with engine(slow, tmp_path / "e.sock") as (url, runner), caller(url) as http:
        body = HI | {"stream": stream, "max_tokens": 1000}
        if stream:
            with http.stream("POST", CHAT, json=body) as answer:
                next(answer.iter_lines())
        else:
            with pytest.raises(httpx.ReadTimeout):
                http.post(CHAT, json=body, timeout=0.2)
        assert runner.requests == 1
        quick = http.post(CHAT, json=HI | {"max_tokens": 1}, timeout=3)
        assert quick.status_code == 200


def test_a_client_that_leaves_the_queue_is_never_answered(tmp_path):
    slow = Scripted(text="word " * 30, delay=0.02)
    with (
        engine(slow, tmp_path / "e.sock", at_once=1) as (url, runner),
        caller(url) as http,
    ):
        with http.stream("POST", CHAT, json=HI | {"stream": True}) as answer:
            lines = answer.iter_lines()
            next(lines)
            with pytest.raises(httpx.ReadTimeout):
                http.post(CHAT, json=HI, timeout=0.1)
            wait_for(lambda: runner.waiting == 0)
            list(lines)
        assert runner.counts.spoken < 40
