"""A head with its examples and a message with its line, read by a real model."""

from companion.engine.client import EngineClient
from companion.engine.llama import Llama
from companion.engine.request import (
    ChatMessage,
    Finished,
    GenerationRequest,
    Sampling,
    Text,
)
from companion.personas import persona
from companion.prompts import head, with_line
from tests.companion.engine.served import engine


async def test_a_real_model_reads_head_and_line_and_answers(small_model, tmp_path):
    voice = persona("mei").voice("en")
    asked = with_line("I lost my hat.", voice, "Oh no, your hat!")
    request = GenerationRequest(
        messages=(*head(voice, with_lines=True), ChatMessage("user", asked)),
        sampling=Sampling(temperature=0),
        max_tokens=12,
    )
    model = Llama(small_model, threads=1, window=4096, cells=4096)
    with engine(model, tmp_path / "engine.sock") as (url, _runner):
        events = [event async for event in EngineClient(url).stream(request)]
    said = "".join(event.text for event in events if isinstance(event, Text))
    [end] = [event for event in events if isinstance(event, Finished)]
    assert said.strip()
    assert "(Say:" not in said
    assert end.prompt_tokens > 500
