"""What the terminal shows: a line for each step with its time, and how far it is."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WIDTH = 78


@contextmanager
def step(name: str, doing: str = "") -> Iterator[None]:
    """Says what begins, and on success how long it took."""
    begun = time.monotonic()
    if doing:
        print(f"{name:<10} {doing}", flush=True)
    yield
    print(f"{name:<10} {time.monotonic() - begun:6.1f} s", flush=True)


def ticker(every: float = 20.0) -> Callable[[str], None]:
    """Shows how far something is: in place on a terminal, else a line now and then."""
    shown = time.monotonic()
    last = ""

    def show(line: str) -> None:
        nonlocal shown, last
        line = line[:WIDTH]
        if sys.stdout.isatty():
            print(f"\r{line:<{WIDTH}}\r", end="", flush=True)
        elif line != last and time.monotonic() - shown >= every:
            print(line, flush=True)
            shown, last = time.monotonic(), line

    return show
