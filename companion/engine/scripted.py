"""A model that says the same sentences every time, for tests and measurements.

The scheduler, the queue and the protocol around it are the real ones, and it is
strict: rows that no real model could compute are an error here. Never chosen unless
ENGINE_SCRIPT is set.
"""

import json
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from companion.engine.model import Outcome, Prompt, Rows
from companion.engine.request import EngineFailed, GenerationRequest, Sampling

SENTENCES = (
    "I am glad that you told me. What was the best part of your day? "
    "今天过得怎么样？慢慢说，我在听。"
)
USUAL = Sampling()
END = 0
Cell = tuple[int, int]  # which one, and the token in it
MARK = 1  # stands behind each message, as the marks of a template do


@dataclass
class Scripted:
    """Speaks `text` piece by piece, a step every `delay` seconds; `scored` is what it
    thinks of tokens, and nothing of the others."""

    text: str = SENTENCES
    delay: float = 0.01
    name: str = "scripted"
    cells: int = 16_384
    window: int = 8192
    width: int = 256
    sequences: int = 40
    sampling: Sampling = USUAL
    scored: Mapping[int, float] = field(default_factory=dict)
    held: dict[int, list[Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._made = count()
        self._spelled: dict[int, str] = {}
        self.between = [MARK]

    @property
    def in_use(self) -> int:
        """How many cells hold a token of somebody's."""
        return len({cell for kept in self.held.values() for cell, _ in kept})

    def prepare(self, request: GenerationRequest) -> Prompt:
        tokens, shared = [], 0
        for number, message in enumerate(request.messages, start=1):
            tokens += [*map(_number, pieces(message.content)), MARK]
            shared = len(tokens) if number <= request.shared else shared
        if len(tokens) >= self.window:
            raise EngineFailed("too_long", f"the prompt has {len(tokens)} tokens")
        return Prompt(tokens, shared)

    def step(self, rows: Rows, is_over: Callable[[], bool] | None) -> Outcome:
        if not 0 < len(rows) <= self.width:
            raise EngineFailed("broken", f"{len(rows)} rows in a step of {self.width}")
        if self.in_use + len(rows) > self.cells:
            return Outcome.FULL
        if self._waits(is_over):
            return Outcome.ABORTED
        for token, position, sequence in zip(
            rows.tokens, rows.positions, rows.sequences, strict=True
        ):
            kept = self.held.setdefault(sequence, [])
            if position != len(kept) or not 0 <= sequence < self.sequences:
                raise EngineFailed("broken", f"position {position} of {sequence}")
            kept.append((next(self._made), token))
        return Outcome.DONE

    def voice(self, sampling: Sampling) -> "Script":
        said = pieces(self.text)
        self._spelled |= {_number(piece): piece for piece in said}
        return Script(iter([*map(_number, said), END]))

    def scores(self, row: int, tokens: Sequence[int]) -> tuple[float, ...]:
        return tuple(self.scored.get(token, 0.0) for token in tokens)

    def remember(self, key: str, text: str, tokens: list[int]) -> None:
        """Its text has only one spelling."""

    def ends(self, token: int) -> bool:
        return token == END

    def spelled(self, token: int) -> bytes:
        return self._spelled[token].encode()

    def copy(self, source: int, target: int, length: int) -> None:
        rest = self.held.get(target, [])[length:]
        self.held[target] = self.held[source][:length] + rest

    def trim(self, sequence: int, length: int) -> bool:
        self.held[sequence] = self.held.get(sequence, [])[:length]
        return True

    def save(self, sequence: int, start: int) -> bytes:
        return json.dumps([start, self.tokens(sequence)[start:]]).encode()

    def load(self, sequence: int, state: bytes) -> bool:
        start, tokens = json.loads(state)
        missing = [(-1, MARK)] * start  # nothing, until it is copied there
        self.held[sequence] = [*missing, *((next(self._made), t) for t in tokens)]
        return True

    def tokens(self, sequence: int) -> list[int]:
        return [token for _, token in self.held.get(sequence, [])]

    def clear(self) -> None:
        self.held.clear()

    def close(self) -> None:
        """Nothing is held outside."""

    def _waits(self, is_over: Callable[[], bool] | None) -> bool:
        until = time.monotonic() + self.delay
        while (left := until - time.monotonic()) > 0:
            if is_over and is_over():
                return True
            time.sleep(min(left, 0.005))
        return False


@dataclass
class Script:
    """What is still to be said of one reply."""

    tokens: Iterator[int]

    def sample(self, row: int) -> int:
        return next(self.tokens)

    def close(self) -> None:
        """Nothing is held."""


def pieces(text: str) -> list[str]:
    """Words with the space before them; other scripts character by character."""
    return re.findall(r"\s?[!-~]+|\s|[^\s!-~]", text)


def _number(piece: str) -> int:
    return 2 + zlib.crc32(piece.encode())
