"""llama.cpp's own server, the engine's peer: `python -m tests.companion.engine.peer`.

Prints its address once the model is loaded, and ends with whoever started it.
"""

import subprocess
import sys
from contextlib import contextmanager

CONTEXT = 512


@contextmanager
def peer(model, context=CONTEXT, most=-1):
    """Its URL, while it runs; no reply has more than `most` tokens."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(model), str(context), str(most)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        assert url, "llama.cpp's server did not start"
        yield url
    finally:
        process.kill()
        process.communicate()


def main(model, context, most):
    import xllamacpp  # noqa: PLC0415 - a native library, for this process alone

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"smollm2"}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel, params.cpuparams.n_threads = context, 1, 1
    params.n_predict = most
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
