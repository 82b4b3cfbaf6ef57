"""Whether the weights of a model are rearranged for the processor when it is loaded, or
stay as they lie in its file.

Rearranged, a model speaks faster everywhere; it reads faster on some processors and
more slowly on others. People feel the wait for the first word, so reading decides: it
is measured once for each file, processor and build, and written down. Never with
another model in memory, and never again at a start that finds the figures.
"""

import json
import logging
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from companion.engine.bindings import native
from companion.engine.gains import Choice
from companion.engine.header import tensors
from companion.engine.model import Model, Rows

log = logging.getLogger(__name__)
# ggml's numbers of the kinds of weights that llama.cpp may rearrange.
KINDS = {2: "Q4_0", 8: "Q8_0", 10: "Q2_K", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K"}
KINDS |= {20: "IQ4_NL"}
ROWS = 64  # a message of some forty words
ROUNDS = 2
CLEARLY = 0.9  # of the time: less of a difference may be the neighbour's doing
Load = Callable[[bool], Model]


def rearranged(choice: Choice, path: Path, load: Load, *, written: Path) -> bool:
    """`load` opens the model with its weights rearranged or not; `written` is the file
    of earlier figures. Raises `NotUsable` for what is no GGUF file."""
    if choice != "auto":
        return choice == "on"
    if not _concerned(path):
        return True  # nothing is rearranged, whatever is asked for
    key = _key(path)
    known = _read(written)
    if key not in known:
        known[key] = [_seconds(load, way) for way in (False, True)]
        _write(written, known)
    as_it_lies, other = known[key]
    log.info("%d rows take %.2f s, rearranged %.2f s", ROWS, as_it_lies, other)
    return as_it_lies > other * CLEARLY


def _concerned(path: Path) -> bool:
    """Whether most of its weights are of such a kind."""
    found = tensors(path)
    able = sum(t.weights for t in found if t.kind in KINDS)
    return 2 * able > sum(t.weights for t in found)


def _seconds(load: Load, way: bool) -> float:
    """The best of some rounds in which the model reads the same rows."""
    model = load(way)
    try:
        return min(_read_once(model) for _ in range(ROUNDS))
    finally:
        model.close()


def _read_once(model: Model) -> float:
    rows = Rows()
    rows.add(0, 0, list(range(1000, 1000 + ROWS)), last=True)
    begun = time.perf_counter()
    model.step(rows, None)
    taken = time.perf_counter() - begun
    model.clear()
    return taken


def _key(path: Path) -> str:
    """What the figures hold for: this file, processor and build."""
    about = path.stat()
    build = native.llama_print_system_info().decode()
    parts = [path.resolve(), about.st_size, about.st_mtime_ns, _processor(), build]
    return " · ".join(map(str, parts))


def _processor(facts: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = facts.read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line for line in lines if line.startswith(("model name", "CPU part"))]
    return names[0].partition(":")[2].strip() if names else platform.machine()


def _read(written: Path) -> dict[str, list[float]]:
    """Nothing where there are no figures, or no readable ones: they are made anew."""
    try:
        known = json.loads(written.read_text("utf-8"))
        return {str(key): [float(a), float(b)] for key, (a, b) in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(written: Path, known: dict[str, list[float]]) -> None:
    """A reader never sees half of it. Where it cannot be kept, each start measures."""
    new = written.with_suffix(f".{os.getpid()}.new")
    try:
        written.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
        new.replace(written)
    except OSError as problem:
        log.warning("what was measured cannot be written down: %s", problem)
