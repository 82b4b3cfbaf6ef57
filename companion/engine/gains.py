"""Which models are read with OpenBLAS: those made of weights that it reads faster.

llama.cpp rearranges some kinds of weights for the processor, or has kernels for many
rows of them, and nothing reads those faster; the others it reads row by row. Goes by
the file, never by a model's name. Standard library only.
"""

from pathlib import Path
from typing import Literal

from companion.engine.header import tensors

Choice = Literal["auto", "on", "off"]
# ggml's numbers of the kinds of weights that gain, as measured in docs/engine.md.
GAINS = {3: "Q4_1", 7: "Q5_1"}
LAYERS = "blk."  # what every token of a prompt is read with


def with_openblas(choice: Choice, path: Path, *, threads: int) -> bool:
    """Never by itself with more than one thread: OpenBLAS has a team of its own, and
    two teams wait for each other. Raises `NotUsable` for what is no GGUF file."""
    if choice != "auto":
        return choice == "on"
    return threads == 1 and _gains(path)


def _gains(path: Path) -> bool:
    """Most of its weights are of kinds that do."""
    layers = [t for t in tensors(path) if t.name.startswith(LAYERS)]
    gaining = sum(t.weights for t in layers if t.kind in GAINS)
    return 2 * gaining > sum(t.weights for t in layers)
