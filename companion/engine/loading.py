"""From a file to a model that can be asked: its sum compared, then loaded.

A file whose sha256 is known and differs is never loaded, nor a model without the
adapter that belongs to it.
"""

import logging
from functools import partial
from pathlib import Path

from companion.engine import catalogue, places
from companion.engine.adapters import adapter_for
from companion.engine.gains import Choice, with_openblas
from companion.engine.model import Model
from companion.engine.request import Sampling
from companion.engine.sums import sum_of

log = logging.getLogger(__name__)


def loaded(
    path: Path,
    *,
    threads: int,
    window: int,
    cells: int,
    openblas: Choice = "auto",
    rearranged: Choice = "auto",
) -> Model:
    """Raises `ValueError` with what is wrong with the file."""
    # Both need the native library.
    from companion.engine import packing  # noqa: PLC0415
    from companion.engine.llama import Llama  # noqa: PLC0415

    wanted = catalogue.expected_sum(path)
    if not wanted:
        log.warning("%s: nobody has written down its sha256, none is compared", path)
    elif (found := sum_of(path)) != wanted:
        raise ValueError(f"{path} has the sha256 {found} and must have {wanted}")
    known = catalogue.known_file(path)
    blas = with_openblas(openblas, path, threads=threads)
    opened = partial(Llama, path, threads=threads, with_openblas=blas)
    return opened(
        rearranged=packing.rearranged(
            rearranged,
            path,
            lambda way: opened(window=512, sequences=1, rearranged=way),
            written=places.measured(),
        ),
        adapter=adapter_for(path),
        window=window,
        cells=cells,
        sampling=Sampling(**known.sampling) if known else Sampling(),
    )
