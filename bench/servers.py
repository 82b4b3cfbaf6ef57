"""The servers that bench/engine.py compares, each in a process of its own.

    python bench/servers.py ours|peer|locked MODEL PORT THREADS CELLS

ours: this project's engine, as `manage.py engine` runs it. peer: llama.cpp's own
server, from the package xllamacpp. locked: the high-level Llama object behind a lock,
as the usual example has it. All three speak the OpenAI protocol on the loopback
address.
"""

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
HOST = "127.0.0.1"


def ours(model: Path, port: int, threads: int, cells: int) -> None:
    from companion.engine.start import Start, become

    given = {"MODEL_PATH": model, "THREADS": threads, "CONTEXT": cells, "CELLS": cells}
    os.environ |= {f"ENGINE_{name}": str(value) for name, value in given.items()}
    become(Start(port=port), key="")


def peer(model: Path, port: int, threads: int, cells: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.hostnames, params.port = [HOST], port
    params.n_ctx, params.n_parallel, params.kv_unified = cells, 16, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


def locked(model: Path, port: int, threads: int, cells: int) -> None:
    import uvicorn
    from llama_cpp import Llama
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    llama = Llama(str(model), n_ctx=cells, n_threads=threads, n_threads_batch=threads,
                  verbose=False)  # fmt: skip
    one_at_a_time = asyncio.Lock()

    async def chat(request: Request) -> StreamingResponse:
        asked = await request.json()
        known = ("messages", "max_tokens", "temperature", "top_p", "top_k", "min_p")
        wanted = {name: asked[name] for name in known}
        wanted |= {"repeat_penalty": asked["repeat_penalty"], "stream": True}

        async def frames():
            async with one_at_a_time:
                pieces = llama.create_chat_completion(**wanted)
                while piece := await asyncio.to_thread(next, pieces, None):
                    yield f"data: {json.dumps(piece)}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(frames(), media_type="text/event-stream")

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    routes = [Route("/v1/chat/completions", chat, methods=["POST"]),
              Route("/health", health)]  # fmt: skip
    uvicorn.run(Starlette(routes=routes), host=HOST, port=port, log_level="error")


if __name__ == "__main__":
    kind, path, *numbers = sys.argv[1:]
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    {"ours": ours, "peer": peer, "locked": locked}[kind](Path(path), *map(int, numbers))
