"""OpenAI's own client against our engine, over a real port."""

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from companion.engine.scripted import SENTENCES, Scripted
from companion.engine.server import app_for
from tests.companion.engine.served import listening, started

HI = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi you"}]
KEY = "open-sesame"


@pytest.fixture
def base(unused_tcp_port):
    runner = started(Scripted(delay=0))
    try:
        with listening(app_for(runner, key=KEY), None, port=unused_tcp_port) as url:
            yield f"{url}/v1"
    finally:
        runner.close()


@pytest.fixture
def client(base):
    with OpenAI(base_url=base, api_key=KEY, max_retries=0) as client:
        yield client


def test_a_reply_in_one_piece(client):
    reply = client.chat.completions.create(
        model="default", messages=HI, prompt_cache_key="chat"
    )
    assert reply.choices[0].message.content == SENTENCES
    assert reply.choices[0].finish_reason == "stop"
    assert reply.model == "scripted"
    assert reply.usage.to_dict() == {
        "prompt_tokens": 6,
        "completion_tokens": 32,
        "total_tokens": 38,
    }


def test_a_reply_piece_by_piece_with_its_usage(client):
    with client.chat.completions.create(
        model="default",
        messages=HI,
        stream=True,
        stream_options={"include_usage": True},
        max_completion_tokens=400,
        seed=1,
        stop=["User:"],
    ) as chunks:
        heard = list(chunks)
    choices = [choice for chunk in heard for choice in chunk.choices]
    assert "".join(c.delta.content or "" for c in choices) == SENTENCES
    assert [c.finish_reason for c in choices if c.finish_reason] == ["stop"]
    assert [chunk.usage.total_tokens for chunk in heard if chunk.usage] == [38]


def test_its_helper_for_streams(client):
    with client.chat.completions.stream(model="default", messages=HI) as stream:
        said = "".join(event.delta for event in stream if event.type == "content.delta")
        whole = stream.get_final_completion()
    assert said == SENTENCES
    assert whole.choices[0].message.content == SENTENCES


async def test_its_asynchronous_client(base):
    async with AsyncOpenAI(base_url=base, api_key=KEY, max_retries=0) as client:
        chunks = await client.chat.completions.create(
            model="default", messages=HI, stream=True
        )
        said = [c.choices[0].delta.content or "" async for c in chunks if c.choices]
    assert "".join(said) == SENTENCES


def test_the_models(client):
    assert [model.id for model in client.models.list()] == ["scripted"]


def test_what_is_refused(client, base):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="default", messages=[])
    assert refused.value.code == "refused"
    with (
        OpenAI(base_url=base, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()
