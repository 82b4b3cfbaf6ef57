import json

import pytest

from companion.engine import wire
from companion.engine.request import EngineFailed, GenerationRequest

SYSTEM, ASKED = (
    {"role": "system", "content": "Be kind."},
    {
        "role": "user",
        "content": "Hi",
    },
)


def read(*messages, **more):
    return wire.read(json.dumps({"messages": messages} | more).encode()).request()


def test_the_chat_has_the_name_that_openai_gives_it():
    assert read(ASKED, prompt_cache_key="chat").cache_key == "chat"
    assert read(ASKED, cache_key="chat").cache_key == ""


def test_what_is_left_out_is_as_in_the_engine_itself():
    assert read(ASKED) == GenerationRequest(messages=read(ASKED).messages)


@pytest.mark.parametrize(
    ("messages", "more", "shared"),
    [
        ([ASKED], {}, 0),
        ([SYSTEM, ASKED], {}, 1),
        ([SYSTEM, SYSTEM, ASKED, SYSTEM], {}, 2),
        ([SYSTEM, ASKED], {"shared_messages": None}, 1),
        ([SYSTEM, ASKED], {"shared_messages": 0}, 0),
        ([SYSTEM, ASKED, ASKED], {"shared_messages": 2}, 2),
        ([SYSTEM, ASKED], {"shared_messages": 9}, 2),
    ],
)
def test_how_many_messages_every_chat_shares(messages, more, shared):
    assert read(*messages, **more).shared == shared


@pytest.mark.parametrize("value", [-1, 1.5, "2"])
def test_a_number_of_shared_messages_that_is_none_is_refused(value):
    with pytest.raises(EngineFailed) as failure:
        read(ASKED, shared_messages=value)
    assert failure.value.kind == "refused"


@pytest.mark.parametrize(
    "more",
    [
        {"grammar": "root ::= ("},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": 1}}},
        {"json_schema": {"$ref": "#"}},
        {"tools": [{"type": "function"}], "tool_choice": "required"},
        {"logit_bias": {"0": 100}, "logprobs": True, "n": 3},
    ],
)
def test_what_could_harm_the_model_is_passed_over(more):
    """A grammar that is none ends llama.cpp's process: none ever reaches it."""
    assert read(ASKED, **more) == read(ASKED)
