"""Servers of the same protocol that know nothing of ours."""

import asyncio
import json

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


def plain_chunk(content=None, reason=None, **more):
    delta = {"role": "assistant", "content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return "data: " + json.dumps({"model": "gpt", "choices": [choice]} | more) + "\n\n"


def other_server(*frames, status=200, strict=False, seen=None, pause=0.0, says="sorry"):
    async def answer(request):
        body = await request.json()
        if seen is not None:
            seen.append((body, request.headers))
        if strict and "top_k" in body:
            return JSONResponse({"error": {"message": "unknown: top_k"}}, 400)
        if status != 200:
            return Response(says, status)

        async def stream():
            for frame in frames:
                yield frame
                await asyncio.sleep(pause)

        return StreamingResponse(stream(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])


USAGE = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
HELLO = [
    plain_chunk(""),
    ": a comment\n\n",
    plain_chunk("<thi"),
    plain_chunk("nk>hm</think>\n\nHel"),
    plain_chunk("lo"),
    plain_chunk(None, "stop"),
    f"data: {json.dumps(USAGE)}\n\n",
    "data: [DONE]\n\n",
]
