"""The way to the engine: our own or any other server of the OpenAI protocol.

Closing the stream closes the connection, which cancels the reply. Chooses no engine
(pool.py does); only the pool may import this.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from httpx_sse import EventSource, SSEError

from companion.engine import tls
from companion.engine.reading import Reading
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    FailureKind,
    GenerationRequest,
)

T = TypeVar("T")
CONNECT_SECONDS = 5.0
GRACE_SECONDS = 5.0  # an engine that keeps the time limit itself ends first
STATUS_KINDS: dict[int, FailureKind] = {
    408: "timeout",
    429: "busy",
    502: "unreachable",
    503: "unreachable",  # it loads its model, or a proxy stands before nobody
    504: "timeout",
}


# What servers say of a prompt that is too long for their model: OpenAI and ours
# (context_length_exceeded), llama.cpp (exceed_context_size_error), vLLM and SGLang
# ("context length").
TOO_LONG = re.compile(r"context[ _](length|size)", re.IGNORECASE)
TOO_LARGE = {400, 413, 422}


class EngineClient:
    """`url` is unix:///path/to.sock, or http(s)://host with or without /v1."""

    def __init__(self, url: str, *, key: str = "", model: str = "") -> None:
        self._url = url
        self._key = key
        self._model = model

    async def stream(
        self, request: GenerationRequest
    ) -> AsyncGenerator[EngineEvent, None]:
        """The events of one reply; the last is `Finished`. Raises `EngineFailed`."""
        deadline = (
            asyncio.get_running_loop().time() + request.max_seconds + GRACE_SECONDS
        )
        reading = Reading(self._model)
        try:
            async with self._http(request) as http:
                response = await _in_time(deadline, self._send(http, request))
                source = EventSource(response)
                async with aclosing(source.aiter_sse()) as frames:
                    while frame := await _in_time(deadline, anext(frames, None)):
                        for event in reading.read(frame):
                            yield event
            yield reading.end()
        except _PROBLEMS as problem:
            raise _failure(problem) from None

    def _http(self, request: GenerationRequest) -> httpx.AsyncClient:
        parts = urlsplit(self._url)
        is_socket = parts.scheme == "unix"
        base = "http://engine" if is_socket else self._url.rstrip("/")
        return httpx.AsyncClient(
            base_url=base if parts.path.rstrip("/").endswith("/v1") else f"{base}/v1",
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(
                request.max_seconds + GRACE_SECONDS, connect=CONNECT_SECONDS
            ),
            transport=httpx.AsyncHTTPTransport(
                uds=parts.path if is_socket else None,
                verify=tls.context(parts.scheme),
            ),
        )

    async def _send(
        self, http: httpx.AsyncClient, request: GenerationRequest
    ) -> httpx.Response:
        """The open answer. A server that refuses fields outside the protocol is asked
        once more without them."""
        body = self._body(request)
        response = await _post(http, body | _extras(request))
        if response.status_code in {400, 422} and not self._url.startswith("unix:"):
            await response.aclose()
            response = await _post(http, body)
        if response.status_code != httpx.codes.OK:
            detail = (await response.aread())[:300].decode(errors="replace")
            raise EngineFailed(_kind(response.status_code, detail), detail)
        return response

    def _body(self, request: GenerationRequest) -> dict[str, Any]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": self._model or "default",
            "messages": [asdict(message) for message in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": request.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        if request.stop:
            body["stop"] = list(request.stop)
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        return body


_PROBLEMS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    SSEError,
    TimeoutError,
    msgspec.DecodeError,
    AttributeError,  # a frame of another shape than the protocol's
    TypeError,
    ValueError,
)


def _failure(problem: Exception) -> EngineFailed:
    match problem:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.InvalidURL():
            kind: FailureKind = "unreachable"
        case httpx.UnsupportedProtocol():
            kind = "unreachable"
        case httpx.TimeoutException() | TimeoutError():
            kind = "timeout"
        case _:
            kind = "broken"
    return EngineFailed(kind, type(problem).__name__)


def _kind(status: int, detail: str) -> FailureKind:
    if status in TOO_LARGE and TOO_LONG.search(detail):
        return "too_long"
    if kind := STATUS_KINDS.get(status):
        return kind
    return "refused" if status < httpx.codes.INTERNAL_SERVER_ERROR else "broken"


def _extras(request: GenerationRequest) -> dict[str, Any]:
    """What our engine and llama-server understand beyond the protocol."""
    sampling = request.sampling
    return {
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "max_seconds": request.max_seconds,
        "prompt_cache_key": request.cache_key,
        "shared_messages": request.shared,
        **({"scores_of": list(request.scores_of)} if request.scores_of else {}),
    }


async def _post(http: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    asked = http.build_request("POST", "chat/completions", json=body)
    return await http.send(asked, stream=True)


async def _in_time(deadline: float, waiting: Awaitable[T]) -> T:
    async with asyncio.timeout_at(deadline):
        return await waiting
