"""Many questions for scores at once, without an engine: to build and to measure what
they are for.

Loads the model itself. Nobody's message is ever read here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.engine.llama import WIDTH, Llama
from companion.engine.model import Rows
from companion.engine.request import GenerationRequest
from companion.look import request
from safety import gate, look
from safety.verdict import Said, Speaker, Verdict

AT_ONCE = 36  # sequences beside the one that holds the question
SHOWN_AT_ONCE = 500  # pieces whose prompts are in memory together
# What is scored: 512 of the first 60,000 tokens, by chance, are as good as 3,072
# (docs/heads.md)
TOKENS = np.sort(np.random.default_rng(5).choice(60_000, 3072, replace=False))[::6]
Piece = tuple[Speaker, str]
Part = tuple[int, list[int]]  # which request, and its tokens behind the question


class Reader:
    """`scores` of requests that all ask the same question."""

    def __init__(self, path: Path, threads: int) -> None:
        self._model = Llama(path, threads=threads)
        self._question: list[int] = []

    def scores(self, requests: Sequence[GenerationRequest]) -> list[tuple[float, ...]]:
        """In the order of the requests. Raises `ValueError` where they do not all ask
        the same question."""
        prompts = [self._model.prepare(one) for one in requests]
        self._read_question(prompts[0].tokens[: prompts[0].shared])
        behind = len(self._question)
        if any(one.tokens[:behind] != self._question for one in prompts):
            raise ValueError("these do not all ask the same question")
        parts = [(at, one.tokens[behind:]) for at, one in enumerate(prompts)]
        found: dict[int, tuple[float, ...]] = {}
        for step in _steps(sorted(parts, key=lambda part: len(part[1]))):
            found |= self._step(step, requests)
        return [found[at] for at in range(len(requests))]

    def _read_question(self, tokens: list[int]) -> None:
        if tokens == self._question:
            return
        self._model.clear()
        for start in range(0, len(tokens), WIDTH):
            rows = Rows()
            rows.add(0, start, tokens[start : start + WIDTH], last=False)
            self._model.step(rows, None)
        self._question = tokens

    def _step(
        self, parts: list[Part], requests: Sequence[GenerationRequest]
    ) -> dict[int, tuple[float, ...]]:
        rows, behind = Rows(), len(self._question)
        for sequence, (_, tokens) in enumerate(parts, start=1):
            self._model.copy(0, sequence, behind)
            rows.add(sequence, behind, tokens, last=True)
        self._model.step(rows, None)
        found = {
            at: self._model.scores(row, requests[at].scores_of)
            for (at, _), row in zip(parts, rows.outputs, strict=True)
        }
        for sequence in range(1, len(parts) + 1):
            self._model.trim(sequence, 0)
        return found


class Looks:
    """The closer look as in a chat; each piece is shown to the model once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._shown: dict[Piece, NDArray[np.float32]] = {}

    def again(self, said: Said, verdict: Verdict) -> Verdict:
        pieces = look.in_doubt(said, verdict)
        if not pieces:
            return verdict
        self._look({(said.speaker, piece) for piece in pieces})
        looks = {piece: self._shown[said.speaker, piece].tolist() for piece in pieces}
        return gate.settled(verdict, said, look.read_again(said, looks))

    def show(self, asked: Iterable[tuple[Said, Verdict]]) -> None:
        """Many pieces in one step take half the time, so who will ask about many texts
        shows them beforehand."""
        self._look(
            {
                (said.speaker, piece)
                for said, verdict in asked
                for piece in look.in_doubt(said, verdict)
            }
        )

    def _look(self, pieces: set[Piece]) -> None:
        for speaker in Speaker:  # each has a question of its own
            new = sorted(p for p in pieces - self._shown.keys() if p[0] is speaker)
            for start in range(0, len(new), SHOWN_AT_ONCE):
                some = new[start : start + SHOWN_AT_ONCE]
                scores = self._reader.scores([request(*piece) for piece in some])
                for piece, values in zip(some, scores, strict=True):
                    self._shown[piece] = np.array(values, dtype=np.float32)


def kept_scores(
    file: Path,
    *,
    texts: Sequence[str],
    ask: Callable[[str], GenerationRequest],
    question: str,
    reader: Callable[[], Reader],
    say: Callable[[str], object],
) -> NDArray[np.float64]:
    """The scores of each text, one row a text. They are kept in `file` for the same
    `question` (its fingerprint), so that a run that was interrupted goes on."""
    kept = _kept(file, question)
    missing = [text for text in dict.fromkeys(texts) if text not in kept]
    if missing:
        model = reader()
        for start in range(0, len(missing), SHOWN_AT_ONCE):
            some = missing[start : start + SHOWN_AT_ONCE]
            found = model.scores([ask(text) for text in some])
            kept |= dict(zip(some, found, strict=True))
            _keep(file, question, kept)
            say(f"{start + len(some)} of {len(missing)} shown")
    return np.array([kept[text] for text in texts], dtype=np.float64)


def _kept(file: Path, question: str) -> dict[str, Sequence[float]]:
    if not file.is_file():
        return {}
    held = np.load(file, allow_pickle=False)
    if str(held["question"]) != question:
        return {}
    return dict(zip(map(str, held["pieces"]), held["scores"], strict=True))


def _keep(file: Path, question: str, kept: dict[str, Sequence[float]]) -> None:
    new = file.with_suffix(".new.npz")
    scores = np.array(list(kept.values()), dtype=np.float32)
    np.savez(new, pieces=list(kept), scores=scores, question=question)
    new.replace(file)


def _steps(parts: list[Part]) -> Iterator[list[Part]]:
    """As many in one step as fit. A piece longer than a step loses its beginning."""
    held: list[Part] = []
    for at, tokens in parts:
        tokens = tokens[-WIDTH:]
        full = sum(len(one) for _, one in held) + len(tokens) > WIDTH
        if full or len(held) == AT_ONCE:
            yield held
            held = []
        held.append((at, tokens))
    if held:
        yield held
