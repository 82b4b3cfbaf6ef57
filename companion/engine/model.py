"""What the scheduler asks of a model: tokens in, tokens out, and where they are kept.

Two stand behind it: llama.cpp (`llama.py`) and a scripted one (`scripted.py`). All of
it but `prepare` belongs to the one thread that computes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from companion.engine.request import GenerationRequest, Sampling


class Outcome(Enum):
    """What became of a step: llama.cpp's codes 0, 1 and 2."""

    DONE = 0
    FULL = 1
    ABORTED = 2


@dataclass(frozen=True, slots=True)
class Prompt:
    """`tokens` of a whole request; the first `shared` of them are the same in every
    chat with the same persona."""

    tokens: list[int]
    shared: int = 0


@dataclass(slots=True)
class Rows:
    """The tokens of one step, column by column."""

    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)  # rows that are sampled from

    def __len__(self) -> int:
        return len(self.tokens)

    def add(self, sequence: int, start: int, tokens: list[int], *, last: bool) -> None:
        """`tokens` at the positions from `start`; `last` ones are sampled from."""
        count = len(tokens)
        self.tokens += tokens
        self.positions += range(start, start + count)
        self.sequences += [sequence] * count
        if last:
            self.outputs.append(len(self.tokens) - 1)


class Voice(Protocol):
    """How one reply chooses its tokens."""

    def sample(self, row: int) -> int:
        """The next token, from a row of the last step that was an output."""

    def close(self) -> None: ...


class Model(Protocol):
    """`cells` tokens fit into all sequences together, `window` into one of them,
    `width` into one step. Sequence ids reach from 0 to `sequences` - 1."""

    @property
    def name(self) -> str: ...
    @property
    def sampling(self) -> Sampling: ...
    @property
    def cells(self) -> int: ...
    @property
    def window(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def sequences(self) -> int: ...

    @property
    def between(self) -> list[int]:
        """What stands between a reply and the next message of a chat; nothing where
        that cannot be told."""

    def prepare(self, request: GenerationRequest) -> Prompt:
        """Raises `EngineFailed`. May be called from any thread."""

    def step(self, rows: Rows, is_over: Callable[[], bool] | None) -> Outcome:
        """Compute the rows; `is_over` is asked in between. Raises `EngineFailed`."""

    def voice(self, sampling: Sampling) -> Voice: ...

    def scores(self, row: int, tokens: Sequence[int]) -> tuple[float, ...]:
        """How high each of the tokens is scored behind an output row of the last
        step."""

    def remember(self, key: str, text: str, tokens: list[int]) -> None:
        """A reply was made of these tokens: `prepare` will use them again."""

    def ends(self, token: int) -> bool: ...

    def spelled(self, token: int) -> bytes: ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Let `target` begin with the first `length` tokens of `source`, in the same
        cells."""

    def trim(self, sequence: int, length: int) -> bool:
        """Keep the first `length` tokens. False: this kind of model kept nothing."""

    def save(self, sequence: int, start: int) -> bytes:
        """The state of the tokens from `start` on; empty when it cannot be had."""

    def load(self, sequence: int, state: bytes) -> bool:
        """Put a saved state into an empty sequence."""

    def clear(self) -> None: ...

    def close(self) -> None: ...


def common(kept: Iterable[int], wanted: Iterable[int]) -> int:
    """How many tokens both begin with."""
    shared = 0
    for old, new in zip(kept, wanted, strict=False):
        if old != new:
            break
        shared += 1
    return shared
