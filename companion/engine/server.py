"""The engine's door: the OpenAI chat-completions protocol over HTTP.

Listens while the model still loads, and says so. Closing the connection cancels the
reply. Knows no user; logs no text.
"""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from companion.engine import wire
from companion.engine.metrics import exposition
from companion.engine.queue import Job
from companion.engine.request import EngineEvent, EngineFailed, Finished, Text
from companion.engine.runner import Load, Runner

LONGEST_BODY = 1_048_576
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
Find = Callable[[str], Load]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Hearing:
    """Carries the events of one job from the model's thread to the event loop."""

    loop: asyncio.AbstractEventLoop
    _heard: asyncio.Queue[EngineEvent | EngineFailed] = field(
        default_factory=asyncio.Queue
    )

    def tell(self, event: EngineEvent | EngineFailed) -> None:
        with suppress(RuntimeError):  # the loop is gone: so is everybody who listened
            self.loop.call_soon_threadsafe(self._heard.put_nowait, event)

    async def events(self) -> AsyncGenerator[EngineEvent, None]:
        while True:
            event = await self._heard.get()
            if isinstance(event, EngineFailed):
                raise event
            yield event
            if isinstance(event, Finished):
                return


def app_for(runner: Runner, *, key: str = "", find: Find | None = None) -> Starlette:
    """The application; with a `key` everything but /health asks for it. `find` turns
    the name of another model into what loads it."""
    guarded = partial(_guarded, key)
    return Starlette(
        routes=[
            Route(
                "/v1/chat/completions",
                guarded(partial(chat_completions, runner)),
                methods=["POST"],
            ),
            Route("/v1/models", guarded(partial(models, runner))),
            Route(
                "/v1/models/use",
                guarded(partial(use_model, runner, find)),
                methods=["POST"],
            ),
            Route("/metrics", guarded(partial(metrics, runner))),
            Route("/health", partial(health, runner)),
        ]
    )


async def health(runner: Runner, request: Request) -> Response:
    """`requests` counts every reply ever asked for and accepted."""
    told = {
        "status": runner.status,
        "reason": runner.reason,
        "model": runner.name,
        "requests": runner.requests,
        "waiting": runner.waiting,
        "running": runner.running,
    }
    return _json(told, 200 if runner.status == "ok" else 503)


async def models(runner: Runner, request: Request) -> Response:
    model = {"id": runner.name, "object": "model", "created": 0, "owned_by": "local"}
    return _json({"object": "list", "data": [model]})


async def use_model(runner: Runner, find: Find | None, request: Request) -> Response:
    """Answers when the other model is there, or when the old one had to stay."""
    try:
        wanted = wire.read_use(await _body(request))
        if find is None:
            raise EngineFailed("refused", "this engine has one model only")
        load, name = await run_in_threadpool(find, wanted), wanted.rpartition("/")[2]
        await run_in_threadpool(
            partial(runner.switch, load, name=name.removesuffix(".gguf"))
        )
    except EngineFailed as failure:
        return _failed(failure)
    return _json({"model": runner.name})


async def metrics(runner: Runner, request: Request) -> Response:
    return Response(exposition(runner), media_type=EXPOSITION)


async def chat_completions(runner: Runner, request: Request) -> Response:
    hearing = Hearing(asyncio.get_running_loop())
    try:
        asked = wire.read(await _body(request))
        wanted = asked.request(runner.sampling)
        job = await run_in_threadpool(runner.submit, wanted, hearing.tell)
    except EngineFailed as failure:
        return _failed(failure)
    if asked.stream:
        frames = _frames(hearing, runner.name, with_usage=asked.wants_usage())
        return Reply(frames, give_up=partial(runner.cancel, job))
    return await _whole(runner, job, hearing, request)


class Reply(StreamingResponse):
    """A stream of events. However it ends, the model stops talking to nobody."""

    def __init__(
        self, frames: AsyncGenerator[bytes, None], *, give_up: Callable[[], None]
    ) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(frames, media_type="text/event-stream", headers=headers)
        self._give_up = give_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._give_up()


async def _frames(
    hearing: Hearing, model: str, *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    reply = f"chatcmpl-{uuid4().hex}"
    try:
        async with aclosing(hearing.events()) as events:
            async for event in events:
                frame = wire.chunk(event, reply, model)
                yield _data(frame)
                if isinstance(event, Finished) and with_usage:
                    yield _data(frame | {"choices": [], "usage": wire.usage(event)})
        yield b"data: [DONE]\n\n"
    except EngineFailed as failure:
        yield _data(wire.error(failure))


async def _whole(
    runner: Runner, job: Job, hearing: Hearing, request: Request
) -> Response:
    """The reply in one piece, unless the client goes away before."""
    collecting = asyncio.ensure_future(_collect(hearing))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({collecting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not collecting.done():
            return Response(status_code=499)
        text, end = collecting.result()
        return _json(wire.completion(text, end, f"chatcmpl-{uuid4().hex}"))
    except EngineFailed as failure:
        return _failed(failure)
    finally:
        runner.cancel(job)
        collecting.cancel()
        leaving.cancel()
        await asyncio.gather(collecting, leaving, return_exceptions=True)


async def _collect(hearing: Hearing) -> tuple[str, Finished]:
    said: list[str] = []
    async with aclosing(hearing.events()) as events:
        async for event in events:
            if isinstance(event, Text):
                said.append(event.text)
            if isinstance(event, Finished):
                return "".join(said), event
    raise EngineFailed("broken", "the reply has no end")


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _body(request: Request) -> bytes:
    """The body of a JSON request. Asking for the content type keeps web pages out:
    a foreign page cannot send it without being asked first."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        raise EngineFailed("refused", "the content type must be application/json")
    body = bytearray()
    with suppress(ClientDisconnect):
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_BODY:
                raise EngineFailed("refused", f"longer than {LONGEST_BODY} bytes")
    return bytes(body)


def _guarded(key: str, endpoint: Endpoint) -> Endpoint:
    async def ask(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if key and not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
            wrong = EngineFailed("refused", "the key is missing or wrong")
            return _json(wire.error(wrong), 401)
        return await endpoint(request)

    return ask


def _failed(failure: EngineFailed) -> Response:
    return _json(wire.error(failure), wire.STATUS_OF.get(failure.kind, 500))


def _data(frame: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(frame) + b"\n\n"


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
