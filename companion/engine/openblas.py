"""OpenBLAS in the process of a model that is read with it, and in no other.

llama.cpp asks it for products of 32 rows and more; fewer it computes itself.
"""

import ctypes
import importlib.util
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from companion.engine.bindings import library

log = logging.getLogger(__name__)
PACKAGE = "scipy_openblas32"


def use(*, wanted: bool) -> bool:
    """Whether models that are loaded from now on are read with it: as wanted, but not
    where this engine lacks it. Those that are loaded stay as they are."""
    if wanted and not _found:
        _found.extend(_backends())
    for backend in _found:
        if wanted:
            library.ggml_backend_register(backend)
        else:
            library.ggml_backend_unload(backend)
    return wanted and bool(_found)


_found: list[ctypes.c_void_p] = []  # one at most, once it was wanted


def _backends() -> Iterator[ctypes.c_void_p]:
    """llama.cpp's way to OpenBLAS. It is never closed: models hold on to it."""
    module = Path(library._name).with_name("libggml-blas.so")
    spec = importlib.util.find_spec(PACKAGE)
    if not module.exists() or spec is None or spec.origin is None:
        log.warning("no OpenBLAS here: prompts of this model are read more slowly")
        return
    # No threads at its start: ggml says before each product how many may compute.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The module finds it by its name alone once it is in the process.
    ctypes.CDLL(str(Path(spec.origin).parent / "lib" / "libscipy_openblas.so"))
    begin = ctypes.CDLL(str(module)).ggml_backend_init
    begin.restype = ctypes.c_void_p
    yield ctypes.c_void_p(begin())
