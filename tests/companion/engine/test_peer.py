"""Our client, our pool and the whole companion against llama.cpp's own server."""

import asyncio
from contextlib import aclosing

import pytest

from companion import stream
from companion.engine.client import EngineClient
from companion.engine.pool import EnginePool, ranked
from companion.engine.request import (
    ChatMessage,
    EngineFailed,
    Finished,
    GenerationRequest,
    Sampling,
    Text,
)
from companion.models import Turn
from companion.personas import persona
from companion.prompts import head
from tests.companion.engine.peer import CONTEXT, peer
from tests.companion.engine.served import asked
from tests.companion.tab import Tab, signed_in

CALM = Sampling(temperature=0, seed=1)


@pytest.fixture(scope="module")
def url(small_model):
    with peer(small_model) as url:
        yield url


def question(*said, **options):
    options = {"max_tokens": 12, "sampling": CALM, "cache_key": "chat"} | options
    return asked(*said, system="Answer briefly.", shared=1, **options)


async def heard(engine, request):
    return [event async for event in engine.stream(request)]


def said(events):
    return "".join(event.text for event in events if isinstance(event, Text))


async def test_a_reply_comes_piece_by_piece(url):
    *pieces, end = await heard(EngineClient(url), question("Say hello."))
    assert len(pieces) > 3
    assert said(pieces).strip()
    assert end == Finished("length", "smollm2", end.prompt_tokens, 12)
    assert end.prompt_tokens > 10


async def test_the_pool_hears_the_same(url):
    alone = await heard(EngineClient(url), question("Say hello."))
    pooled = await heard(EnginePool([url]), question("Say hello."))
    assert (said(pooled), pooled[-1]) == (said(alone), alone[-1])


async def test_it_answers_for_an_engine_that_is_away(url, unused_tcp_port):
    urls = [f"http://127.0.0.1:{unused_tcp_port}", url]
    chat = next(c for c in map(str, range(99)) if ranked(urls, c) == urls)
    events = await heard(EnginePool(urls), question("Say hello.", cache_key=chat))
    assert events[-1].completion_tokens == 12


async def test_a_stop_word_ends_the_reply(url):
    whole = said(await heard(EngineClient(url), question("Say hello.")))
    word = whole.split()[-2]
    events = await heard(EngineClient(url), question("Say hello.", stop=(word,)))
    assert said(events) == whole.partition(word)[0]
    assert events[-1].reason == "stop"


async def test_too_long_a_prompt_is_refused(url):
    with pytest.raises(EngineFailed) as failure:
        await heard(EnginePool([url]), question("word " * 2 * CONTEXT))
    assert failure.value.kind == "too_long"


async def test_closing_the_stream_makes_room_for_the_next(url):
    long = question("Tell me a long story.", max_tokens=400)
    async with aclosing(EnginePool([url]).stream(long)) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    quick = await asyncio.wait_for(heard(EnginePool([url]), question("Hi")), 5)
    assert isinstance(quick[-1], Finished)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("settled")
async def test_the_same_companion_speaks_through_it(small_model, settings):
    """ENGINE_URL is all that is changed: page, gates, prompt and record stay."""
    with peer(small_model, context=4096, most=40) as url:
        await heard(EngineClient(url), opening("mei"))  # the test waits less for it
        settings.ENGINE_URL, settings.ENGINE_CONTEXT = url, 4096
        _user, chat, browser = await stream.in_thread(signed_in)("ada")
        tab = await Tab(chat, browser).open()
        await tab.say("I spent the day at the harbour.")
        done = await tab.until("turn.done")
        turn = await stream.in_thread(Turn.objects.get)(pk=done["turn"])
    assert done["outcome"] in {"done", "blocked"}  # so small a model says anything
    assert done["message"]["text"]
    assert turn.model == "smollm2"
    assert turn.view_from == 1
    assert turn.sampling["temperature"] == persona("mei").temperature


def opening(name):
    """The beginning that every chat of a persona shares, and a word behind it."""
    voice = persona(name).voice("en")
    messages = (*head(voice), ChatMessage("user", "Hi"))
    return GenerationRequest(messages=messages, max_tokens=1)
