"""What a product with each kind of weights costs, by llama.cpp alone and by OpenBLAS.

    python bench/kinds.py [--rows 32,64,128,256]

One matrix of 1536 x 1536 weights against so many rows of a prompt, in one thread:
microseconds of computing for each row and million weights. Kinds that llama.cpp
rearranges when it loads a model are measured as they lie in the file. The list of
companion/engine/gains.py follows from it.
"""

import argparse
import ctypes
import sys
import time
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from companion.engine import openblas
from companion.engine.bindings import library as ggml

SIZE = 1536
ROUNDS = 9
KINDS = {
    "F32": 0, "F16": 1, "BF16": 30, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7,
    "Q8_0": 8, "Q2_K": 10, "Q3_K": 11, "Q4_K": 12, "Q5_K": 13, "Q6_K": 14,
    "IQ4_NL": 20, "IQ4_XS": 23, "IQ3_S": 21, "IQ3_XXS": 18, "IQ2_S": 22,
}  # fmt: skip
F32 = KINDS["F32"]


class Room(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_size_t),
        ("memory", ctypes.c_void_p),
        ("only_described", ctypes.c_bool),
    )


def declare() -> None:
    """What ggml's functions take and give; all handles are pointers."""
    handle, number, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
    floats = ctypes.POINTER(ctypes.c_float)
    known = {
        "ggml_init": (handle, [Room]),
        "ggml_free": (None, [handle]),
        "ggml_row_size": (size, [number, ctypes.c_int64]),
        "ggml_quantize_chunk": (
            size, [number, floats, handle, *[ctypes.c_int64] * 3, floats],
        ),
        "ggml_new_tensor_2d": (handle, [handle, number, *[ctypes.c_int64] * 2]),
        "ggml_mul_mat": (handle, [handle] * 3),
        "ggml_new_graph": (handle, [handle]),
        "ggml_build_forward_expand": (None, [handle] * 2),
        "ggml_backend_init_by_name": (handle, [ctypes.c_char_p] * 2),
        "ggml_backend_alloc_ctx_tensors": (handle, [handle] * 2),
        "ggml_backend_tensor_set": (None, [handle, handle, size, size]),
        "ggml_backend_graph_compute": (number, [handle] * 2),
        "ggml_backend_buffer_free": (None, [handle]),
        "ggml_backend_dev_by_name": (handle, [ctypes.c_char_p]),
        "ggml_backend_dev_backend_reg": (handle, [handle]),
        "ggml_backend_reg_get_proc_address": (handle, [handle, ctypes.c_char_p]),
    }  # fmt: skip
    for name, (gives, takes) in known.items():
        function = getattr(ggml, name)
        function.restype, function.argtypes = gives, takes


def backend(name: bytes) -> ctypes.c_void_p:
    """One that computes in one thread."""
    found = ggml.ggml_backend_init_by_name(name, None)
    device = ggml.ggml_backend_dev_by_name(name)
    where = ggml.ggml_backend_reg_get_proc_address(
        ggml.ggml_backend_dev_backend_reg(device), b"ggml_backend_set_n_threads"
    )
    ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int)(where)(found, 1)
    return found


def packed(kind: int, weights: numpy.ndarray) -> bytes:
    """The weights as a file of this kind has them."""
    if kind == F32:
        return weights.tobytes()
    floats = ctypes.POINTER(ctypes.c_float)
    room = ctypes.create_string_buffer(ggml.ggml_row_size(kind, SIZE) * SIZE)
    equal = numpy.ones(SIZE, numpy.float32)
    ggml.ggml_quantize_chunk(
        kind, weights.ctypes.data_as(floats), room, 0, SIZE, SIZE,
        equal.ctypes.data_as(floats),
    )  # fmt: skip
    return room.raw


def cost(who: ctypes.c_void_p, cpu: ctypes.c_void_p, kind: int, rows: int) -> float:
    """Microseconds for each row and million weights, the best of some rounds."""
    dice = numpy.random.default_rng(7)
    weights = dice.random((SIZE, SIZE), numpy.float32) - 0.5
    prompt = dice.random((rows, SIZE), numpy.float32) - 0.5
    room = ggml.ggml_init(Room(1 << 20, None, True))
    left = ggml.ggml_new_tensor_2d(room, kind, SIZE, SIZE)
    right = ggml.ggml_new_tensor_2d(room, F32, SIZE, rows)
    graph = ggml.ggml_new_graph(room)
    ggml.ggml_build_forward_expand(graph, ggml.ggml_mul_mat(room, left, right))
    memory = ggml.ggml_backend_alloc_ctx_tensors(room, cpu)
    for tensor, content in ((left, packed(kind, weights)), (right, prompt.tobytes())):
        ggml.ggml_backend_tensor_set(tensor, content, 0, len(content))
    best = min(timed(who, graph) for _ in range(ROUNDS))
    ggml.ggml_backend_buffer_free(memory)
    ggml.ggml_free(room)
    return best * 1e6 / rows / (SIZE * SIZE / 1e6)


def timed(who: ctypes.c_void_p, graph: ctypes.c_void_p) -> float:
    begun = time.thread_time()
    ggml.ggml_backend_graph_compute(who, graph)
    return time.thread_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", default="32,64,128,256")
    rows = [int(count) for count in parser.parse_args().rows.split(",")]
    if not openblas.use(wanted=True):
        raise SystemExit("this engine was compiled without OpenBLAS")
    declare()
    cpu, blas = backend(b"CPU"), backend(b"BLAS")
    print("llama.cpp / OpenBLAS, µs a row and million weights")
    print(f"{'rows':<8}" + "".join(f"{count:>16}" for count in rows))
    for name, kind in KINDS.items():
        pairs = [(cost(cpu, cpu, kind, n), cost(blas, cpu, kind, n)) for n in rows]
        print(
            f"{name:<8}" + "".join(f"{a:>8.1f}{b:>8.1f}" for a, b in pairs), flush=True
        )


if __name__ == "__main__":
    main()
