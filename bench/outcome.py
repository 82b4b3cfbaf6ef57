"""The line of a play: what was counted, and what of it was wanted.

`failed` holds promises that were broken: something lost, told twice under different
keys, a gap. `slow` holds times that were missed; they depend on the machine, so that
a run on a busy one may forgive them.
"""

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """`dup` reached a provider again under its own key, `wrong` under another one.
    Seconds are from the commit to the provider."""

    name: str
    accepted: int = 0
    delivered: int = 0
    lost: int = 0
    dup: int = 0
    wrong: int = 0
    late: int = 0
    p50: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    notes: dict[str, object] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    def must(self, truth: bool, promise: str) -> None:
        if not truth:
            self.failed.append(promise)

    def should(self, truth: bool, time: str) -> None:
        if not truth:
            self.slow.append(time)

    @property
    def word(self) -> str:
        if self.failed:
            return f"FAILED ({', '.join(self.failed)})"
        return f"slow ({', '.join(self.slow)})" if self.slow else "passed"

    def line(self) -> str:
        notes = " ".join(f"{name}={value}" for name, value in self.notes.items())
        return (
            f"{self.name} accepted={self.accepted} delivered={self.delivered} "
            f"lost={self.lost} dup={self.dup} wrong={self.wrong} late={self.late} "
            f"p50={self.p50:.1f} p99={self.p99:.1f} max={self.longest:.1f} "
            f"{notes} {self.word}"
        )


def share(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
