"""The OpenAI chat-completions protocol: what is read from a request, what is answered.

Must never put a message's text into an error.
"""

import time
from dataclasses import fields, replace
from itertools import takewhile
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from companion.engine.request import (
    ChatMessage,
    EngineEvent,
    EngineFailed,
    Finished,
    GenerationRequest,
    Loading,
    Queued,
    Role,
    Sampling,
    Scores,
    Text,
    Thinking,
)

STATUS_OF = {
    "busy": 429, "too_long": 400, "refused": 400, "timeout": 504, "broken": 500,
}  # fmt: skip
TOO_LONG = "context_length_exceeded"  # as the protocol's own servers say it
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1, le=32_768)]
Token = Annotated[int, Meta(ge=0, le=2**31 - 1)]
T = TypeVar("T")
USUAL = Sampling()
Stop = Annotated[str, Meta(min_length=1, max_length=100)]


class Part(Struct):
    type: Literal["text"]
    text: str


class Message(Struct):
    role: Role
    content: str | list[Part]

    def said(self) -> ChatMessage:
        if isinstance(self.content, str):
            return ChatMessage(self.role, self.content)
        return ChatMessage(self.role, "".join(part.text for part in self.content))


class StreamOptions(Struct):
    include_usage: bool = False


class Asked(Struct):
    """The body of a request; fields that are not ours are passed over."""

    messages: Annotated[list[Message], Meta(min_length=1, max_length=2000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    max_completion_tokens: Count | None = None
    max_seconds: Annotated[float, Meta(gt=0, le=600)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Share | None = None
    min_p: Share | None = None
    top_k: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    repeat_penalty: Annotated[float, Meta(ge=0.5, le=2)] | None = None
    seed: int | None = None
    ignore_eos: bool | None = None
    stop: Stop | Annotated[list[Stop], Meta(max_length=16)] | None = None
    prompt_cache_key: Annotated[str, Meta(max_length=200)] | None = None
    shared_messages: Annotated[int, Meta(ge=0)] | None = None
    scores_of: Annotated[list[Token], Meta(max_length=4096)] = []

    def request(self, usual: Sampling = USUAL) -> GenerationRequest:
        """`usual` is what the model does where the request does not say. Raises
        `EngineFailed`."""
        if self.scores_of and not self.stream:
            raise EngineFailed("refused", "scores are told in a stream only")
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        named = {
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "max_seconds": self.max_seconds,
            "cache_key": self.prompt_cache_key,
        }
        return GenerationRequest(
            messages=tuple(message.said() for message in self.messages),
            sampling=self._sampling(usual),
            stop=tuple(stop),
            shared=self._shared(),
            scores_of=tuple(self.scores_of),
            **_given(named),
        )

    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    def _shared(self) -> int:
        """Who says nothing of it shares the system messages at the beginning."""
        if self.shared_messages is not None:
            return min(self.shared_messages, len(self.messages))
        led = takewhile(lambda message: message.role == "system", self.messages)
        return sum(1 for _ in led)

    def _sampling(self, usual: Sampling) -> Sampling:
        names = [field.name for field in fields(Sampling)]
        return replace(usual, **_given({name: getattr(self, name) for name in names}))


class Use(Struct):
    """The model that an operator wants: a name of the catalogue, or a file."""

    model: Annotated[str, Meta(min_length=1, max_length=1000)]


_asked = msgspec.json.Decoder(Asked)
_wanted = msgspec.json.Decoder(Use)


def read(body: bytes) -> Asked:
    """Raises `EngineFailed("refused")` with what is wrong, never with what was said."""
    return _decoded(body, _asked)


def read_use(body: bytes) -> str:
    return _decoded(body, _wanted).model


def _decoded(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise EngineFailed("refused", f"cannot read the request: {problem}") from None


def error(failure: EngineFailed) -> dict[str, Any]:
    asked_wrongly = STATUS_OF.get(failure.kind) == STATUS_OF["refused"]
    return {
        "error": {
            "message": str(failure),
            "type": "invalid_request_error" if asked_wrongly else "server_error",
            "code": TOO_LONG if failure.kind == "too_long" else failure.kind,
        }
    }


def chunk(event: EngineEvent, reply: str, model: str) -> dict[str, Any]:
    """One event as a chunk; a status has no choices, so other clients pass over it."""
    frame: dict[str, Any] = {
        "id": reply,
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
        "choices": [],
    }
    match event:
        case Queued(position):
            frame["companion"] = {"status": "queued", "position": position}
        case Loading():
            frame["companion"] = {"status": "loading"}
        case Thinking():
            frame["companion"] = {"status": "thinking"}
        case Text(text):
            frame["choices"] = [_choice({"content": text}, None)]
        case Scores(values):
            frame["companion"] = {"scores": values}
        case Finished(reason):
            frame["choices"] = [_choice({}, reason)]
    return frame


def usage(end: Finished) -> dict[str, int]:
    return {
        "prompt_tokens": end.prompt_tokens,
        "completion_tokens": end.completion_tokens,
        "total_tokens": end.prompt_tokens + end.completion_tokens,
    }


def completion(text: str, end: Finished, reply: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": reply,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": end.model,
        "choices": [{"index": 0, "message": message, "finish_reason": end.reason}],
        "usage": usage(end),
    }


def _choice(delta: dict[str, str], reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": reason}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
