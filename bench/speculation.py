"""Guessing tokens before they are computed: what it would bring on this machine.

    python bench/speculation.py --model FILE [--draft FILE] [--threads N]

One greedy reply at a time, with the engine's own model object: plainly, with prompt
lookup (the tokens that followed the same two before, in the prompt or the reply) and,
with --draft, with a smaller model of the same vocabulary. A step checks all guesses at
once; what the model would have said otherwise is thrown away. The words stay the same
except where two tokens are equally likely. Two kinds of chat: small talk, and a message
whose answer repeats much of it.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import engine as bench

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from companion.engine.llama import Llama
from companion.engine.model import Rows
from companion.engine.request import ChatMessage, GenerationRequest, Sampling

TOKENS = 64
GREEDY = Sampling(temperature=0, repeat_penalty=1)
CHATS = {
    "small talk": [bench.saying(number, 0) for number in range(4)],
    "repeats": [
        f"Say this again, word for word, and change only the name: {bench.saying(n, 1)}"
        for n in range(4)
    ],
}
Guess = Callable[[list[int], int], list[int]]


@dataclass
class Tally:
    """What a way of guessing did."""

    seconds: float = 0.0
    tokens: int = 0
    guessed: int = 0
    right: int = 0
    said: list[list[int]] = field(default_factory=list)

    @property
    def speed(self) -> float:
        return self.tokens / self.seconds


class Reader:
    """One sequence of a model."""

    def __init__(self, model: Llama) -> None:
        self.model = model
        self.held: list[int] = []

    def read(self, tokens: list[int], *, outputs: int) -> list[int]:
        """Compute what is new in `tokens`; the choices behind the last `outputs`."""
        kept = 0
        for old, new in zip(self.held, tokens, strict=False):
            if old != new:
                break
            kept += 1
        kept = min(kept, len(tokens) - outputs)
        self.model.trim(0, kept)
        while kept < len(tokens):
            part = tokens[kept : kept + self.model.width]
            rows = Rows()
            rows.add(0, kept, part, last=False)
            kept += len(part)
            if kept == len(tokens):
                rows.outputs += range(len(part) - outputs, len(part))
            self.model.step(rows, None)
        self.held = list(tokens)
        return [self._choice(row) for row in rows.outputs]

    def _choice(self, row: int) -> int:
        voice = self.model.voice(GREEDY)
        try:
            return voice.sample(row)
        finally:
            voice.close()


def nothing(_: list[int], __: int) -> list[int]:
    return []


def looked_up(tokens: list[int], count: int) -> list[int]:
    """What followed the last two tokens when they came before."""
    pair = tokens[-2:]
    for at in range(len(tokens) - 3, -1, -1):
        if tokens[at : at + 2] == pair:
            return tokens[at + 2 : at + 2 + count]
    return []


def drafted(draft: Llama) -> Guess:
    reader = Reader(draft)

    def guess(tokens: list[int], count: int) -> list[int]:
        guesses: list[int] = []
        for _ in range(count):
            guesses += reader.read([*tokens, *guesses], outputs=1)
        return guesses

    return guess


def speak(reader: Reader, prompt: list[int], guess: Guess, count: int, tally: Tally):
    """One reply of `TOKENS`; the prompt is not timed."""
    tokens = [*prompt, *reader.read(prompt, outputs=1)]
    guess(tokens, count)  # a draft reads the prompt, too
    begun = time.perf_counter()
    while len(tokens) < len(prompt) + TOKENS:
        guesses = guess(tokens, count)
        meant = reader.read([*tokens, *guesses], outputs=len(guesses) + 1)
        right = 0
        while right < len(guesses) and guesses[right] == meant[right]:
            right += 1
        tokens += meant[: right + 1]
        reader.held = reader.held[: len(tokens) - 1]
        tally.guessed += len(guesses)
        tally.right += right
    tally.seconds += time.perf_counter() - begun
    tally.tokens += len(tokens) - len(prompt) - 1
    tally.said.append(tokens[len(prompt) : len(prompt) + TOKENS])


def measured(model: Llama, name: str, guess: Guess, count: int) -> Tally:
    tally, reader = Tally(), Reader(model)
    for said in CHATS[name]:
        messages = (ChatMessage("system", bench.PERSONA), ChatMessage("user", said))
        prompt = model.prepare(GenerationRequest(messages=messages)).tokens
        speak(reader, prompt, guess, count, tally)
    return tally


def main() -> None:
    given = parsed()
    model = Llama(given.model, threads=given.threads, cells=2048, sequences=12)
    ways: list[tuple[str, Guess, int]] = [("plain", nothing, 0)]
    ways += [("lookup", looked_up, count) for count in (1, 3, 8)]
    if given.draft:
        draft = Llama(given.draft, threads=given.threads, cells=2048, sequences=12)
        ways += [("draft", drafted(draft), count) for count in (1, 3)]
    print(f"{given.model.name}, {given.threads} thread(s)")
    print("chat        way      guesses   right   tok/s    gain    same")
    for name in CHATS:
        plain = Tally()
        for way, guess, count in ways:
            tally = measured(model, name, guess, count)
            plain = plain if plain.said else tally
            same = sum(a == b for a, b in zip(plain.said, tally.said, strict=True))
            right = f"{tally.right / tally.guessed:.0%}" if tally.guessed else "-"
            gain = tally.speed / plain.speed
            told = f"{name:<12}{way:<8}{count:>8}{right:>8}{tally.speed:>8.1f}"
            print(f"{told}{gain:>7.2f}x{same:>5} of {len(plain.said)}", flush=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--draft", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
