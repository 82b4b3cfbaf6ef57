"""The bindings of llama.cpp, and nothing else of their package.

The package's own start brings its high-level object along, with numpy and a cache on
disk: 20 MB of memory that no reply ever needs.
"""

import importlib
import importlib.util
import sys
from ctypes import CDLL
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["library", "native"]
PACKAGE = "llama_cpp"


def _bindings() -> ModuleType:
    """Raises `ImportError` when the engine's package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if PACKAGE in sys.modules or spec is None:
        return importlib.import_module(f"{PACKAGE}.llama_cpp")
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)  # it is not run
    try:
        return importlib.import_module(f"{PACKAGE}.llama_cpp")
    finally:
        del sys.modules[PACKAGE]  # whoever wants the whole package still gets it


if TYPE_CHECKING:
    import llama_cpp.llama_cpp as native
else:
    native = _bindings()

library: CDLL = native._lib  # for what has no binding: ggml's own functions
