"""The engine's own server at a socket, in a thread of this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from companion.engine.runner import Runner
from companion.engine.server import app_for

PATIENCE = 20.0


@contextmanager
def serving(runner: Runner, path: Path) -> Iterator[str]:
    """The address at which `runner` answers; raises TimeoutError when it never does."""
    server = uvicorn.Server(
        uvicorn.Config(
            app_for(runner),
            uds=str(path),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, name="story engine")
    runner.start()
    thread.start()
    try:
        _wait(server, runner)
        yield f"unix://{path}"
    finally:
        runner.close()
        server.should_exit = True
        thread.join()


def _wait(server: uvicorn.Server, runner: Runner) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (server.started and runner.status == "ok"):
        if time.monotonic() > deadline:
            raise TimeoutError("the engine of the story did not start")
        time.sleep(0.01)
