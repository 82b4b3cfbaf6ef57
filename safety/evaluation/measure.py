"""Counts, rates and 95 % intervals of what the shipped gate says of samples.

Examples of mistakes come from the read half only: the unread half stays unread.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import sqrt
from statistics import quantiles
from time import perf_counter
from uuid import UUID

from safety import gate
from safety.evaluation.questions import EXPLICIT
from safety.evaluation.samples import Asked, Sample
from safety.verdict import AgeBand, Said, Speaker, Subject, Verdict

SOMEBODY = Subject(UUID(int=0), AgeBand.ADULT, "US", "en", "UTC")
EXAMPLES = 5
Z = 1.96  # 95 %


Again = Callable[[Said, Verdict], Verdict]


def as_it_is(said: Said, verdict: Verdict) -> Verdict:
    """Without a closer look."""
    return verdict


@dataclass(slots=True)
class Line:
    """One row of the report: `yes` of `n` samples of a set, language and half got the
    answer yes. For `wanted` that is recall, else the rate of false positives."""

    set: str
    question: str
    wanted: bool
    lang: str
    half: str
    n: int = 0
    yes: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "recall" if self.wanted else "false positives"

    @property
    def key(self) -> str:
        return f"{self.set} | {self.question} | {self.kind} | {self.lang} | {self.half}"

    @property
    def rate(self) -> float:
        return self.yes / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.yes, self.n)

    def add(self, text: str, *, said_yes: bool) -> None:
        self.n += 1
        self.yes += said_yes
        is_read = self.half == "read"
        if is_read and said_yes != self.wanted and len(self.mistakes) < EXAMPLES:
            self.mistakes.append(text)


@dataclass(frozen=True, slots=True)
class Balance:
    """Precision, recall and F1 of a question that a set asks both ways; precision
    holds for this mix of positives and look-alikes, not for chats as they come."""

    set: str
    question: str
    lang: str
    half: str
    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found else 0.0

    @property
    def f1(self) -> float:
        both = 2 * self.found + self.missed + self.wrong
        return 2 * self.found / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """`milliseconds` are the 50th and 95th percentile of one look of the gate, by
    speaker; `version` is the policy and rules that were measured."""

    version: str
    lines: list[Line]
    milliseconds: dict[str, tuple[float, float]]


def measure(samples: Iterable[Sample], again: Again = as_it_is) -> Result:
    """`again` is a closer look at what the gate has said."""
    lines: dict[str, Line] = {}
    times: dict[str, list[float]] = {}
    for sample in samples:
        begun = perf_counter()
        verdict = judged(sample, again)
        times.setdefault(sample.speaker, []).append((perf_counter() - begun) * 1_000)
        for asked in sample.asked:
            _line(lines, sample, asked).add(
                sample.text, said_yes=asked.question.says_yes(verdict)
            )
    ordered = sorted(lines.values(), key=lambda line: line.key)
    return Result(
        gate.version(), ordered, {k: _percentiles(v) for k, v in times.items()}
    )


def balances(lines: Iterable[Line]) -> list[Balance]:
    pairs: dict[tuple[str, str, str, str], dict[bool, Line]] = {}
    for line in lines:
        key = (line.set, line.question, line.lang, line.half)
        pairs.setdefault(key, {})[line.wanted] = line
    return [
        Balance(*key, both[True].yes, both[True].n - both[True].yes, both[False].yes)
        for key, both in sorted(pairs.items())
        if len(both) == 2
    ]


def judged(sample: Sample, again: Again = as_it_is) -> Verdict:
    said = Said(sample.text, Speaker(sample.speaker), SOMEBODY)
    if said.speaker is Speaker.MODEL:
        return again(said, gate.check_output(sample.text, SOMEBODY))
    return again(said, gate.check_input(sample.text, SOMEBODY))


def is_explicit(sample: Sample, again: Again = as_it_is) -> bool:
    """Found in clear; a disguise is only measured on what is."""
    return EXPLICIT.says_yes(judged(sample, again))


def wilson(yes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, good for small counts too (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    share, spread = yes / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _line(lines: dict[str, Line], sample: Sample, asked: Asked) -> Line:
    half = "unread" if sample.is_unread else "read"
    line = Line(asked.set, asked.question.name, asked.wanted, sample.lang, half)
    return lines.setdefault(line.key, line)


def _percentiles(times: list[float]) -> tuple[float, float]:
    if len(times) < 2:
        return times[0], times[0]
    cuts = quantiles(times, n=20)
    return cuts[9], cuts[18]
