"""The engine and its model: one is compiled while the other is loaded.

Neither is needed where ENGINE_URL names another engine.
"""

import os
import sys
import time
from collections.abc import Generator

from config import home
from config.bootstrap import conditions, progress, tools, venv, wheel

TEST_MODEL = "smollm2-135m-instruct-q4_1"
DEFAULT_MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
PAUSE = 0.3


def is_elsewhere() -> bool:
    return bool(os.environ.get("ENGINE_URL"))


def has_own_model() -> bool:
    """Another choice than the default was made: nothing has to be loaded."""
    chosen = (home.home() / "model.json").exists()  # by `manage.py model use`
    return chosen or bool(os.environ.get("ENGINE_MODEL_PATH"))


def is_ready(model: str) -> bool:
    return is_elsewhere() or bool(wheel.cached() and _is_pulled(model))


def check() -> None:
    if not is_elsewhere() and not wheel.cached():
        conditions.check_compiler()


def prepare(model: str) -> None:
    if is_elsewhere():
        return
    load_and_compile(model)
    built = wheel.cached()
    assert built  # noqa: S101 - compiled or found a moment ago
    venv.install_wheel(built)


def load_and_compile(model: str) -> None:
    """Both at once; the terminal shows both. A failure of one ends the other."""
    under_way: dict[str, Generator[str, None, None]] = {}
    if not wheel.cached():
        under_way["engine"] = wheel.build()
    if model or not has_own_model():
        under_way["model"] = pull(model)
    begun, show = time.monotonic(), progress.ticker()
    try:
        while under_way:
            states = {name: next(work, None) for name, work in under_way.items()}
            for name in [name for name, state in states.items() if state is None]:
                del under_way[name]
                show("")
                print(f"{name:<10} {time.monotonic() - begun:6.1f} s", flush=True)
            show(" · ".join(f"{n}: {s}" for n, s in states.items() if s))
            time.sleep(PAUSE if under_way else 0)
    finally:
        for work in under_way.values():
            work.close()


def pull(model: str) -> Generator[str, None, None]:
    """Yields what the download says of itself; it keeps what it has when cut off."""
    command = [sys.executable, "-m", "companion.engine.fetch"]
    tool = tools.Tool("model", [*command, *([model] if model else [])])
    try:
        while tool.running():
            yield tool.last or "asking"
        if not tool.succeeded():
            raise tools.failure("model", "The model could not be loaded")
    finally:
        tool.end()


def _is_pulled(model: str) -> bool:
    if not model and has_own_model():
        return True
    return (home.cache() / "models" / f"{model or DEFAULT_MODEL}.gguf").exists()
