"""Opens a GGUF file and makes room to compute with it.

Every refusal names the file and what is wrong with it. What llama.cpp says besides is
logged while it loads, if it is an error; later its return codes say enough.
"""

import ctypes
import logging
from pathlib import Path

from companion.engine.bindings import native

log = logging.getLogger(__name__)
LOG_ERROR = 4


def loaded_model(path: Path, *, rearranged: bool = True) -> native.llama_model_p:
    """Its weights are rearranged for the processor, or stay as they lie in the file.
    Raises `ValueError` for a file that is missing, cut off or no model."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    native.llama_log_set(_listener, None)
    native.llama_backend_init()
    params = native.llama_model_default_params()
    params.use_extra_bufts = rearranged
    model: native.llama_model_p | None = native.llama_model_load_from_file(
        str(path).encode(), params
    )
    if not model:
        raise ValueError(f"{path} is not a whole GGUF model that this version can read")
    return model


def loaded_context(
    model: native.llama_model_p, *, threads: int, size: int, batch: int, sequences: int
) -> native.llama_context_p:
    """Room for `size` tokens, which all `sequences` share."""
    params = native.llama_context_default_params()
    params.n_ctx = size
    params.n_batch = params.n_ubatch = batch
    params.n_threads = params.n_threads_batch = threads
    params.n_seq_max = sequences
    params.n_outputs_max = sequences  # one row of each is sampled from, not every row
    params.kv_unified = True  # a beginning lies in the same cells for all its chats
    params.no_perf = True
    context: native.llama_context_p | None = native.llama_init_from_model(model, params)
    if not context:
        raise ValueError(f"no memory for {params.n_ctx} tokens; set ENGINE_CONTEXT")
    native.llama_log_set(_silence, None)
    return context


def set_adapter(
    model: native.llama_model_p, context: native.llama_context_p, path: Path
) -> None:
    """Freed with the model. Raises `ValueError` for a file that was not made for it."""
    native.llama_log_set(_listener, None)
    adapter = native.llama_adapter_lora_init(model, str(path).encode())
    native.llama_log_set(_silence, None)
    if not adapter:
        raise ValueError(f"{path} is not a whole adapter for this model")
    adapters = (native.llama_adapter_lora_p_ctypes * 1)(adapter)
    if native.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1)):
        raise ValueError(f"{path} cannot be used with this model")


def _hear(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    if level == LOG_ERROR:
        log.warning("llama.cpp: %s", text.decode("utf-8", errors="replace").strip())


def _ignore(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    """An aborted prompt is no error."""


_listener = native.llama_log_callback(_hear)
_silence = native.llama_log_callback(_ignore)
