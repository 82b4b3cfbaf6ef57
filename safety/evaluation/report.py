"""A result as plain data, as lines for a terminal, and what changed since the last."""

from dataclasses import asdict
from typing import Any

from safety.evaluation.measure import Balance, Line, Result, balances
from safety.evaluation.sizes import Size

MOVED = 0.01  # a change worth a word


def as_data(result: Result, sizes: list[Size]) -> dict[str, Any]:
    return {
        "version": result.version,
        "milliseconds": result.milliseconds,
        "sizes": [asdict(size) | {"below": size.is_below} for size in sizes],
        "lines": [_line_data(line) for line in result.lines],
        "balances": [_balance_data(one) for one in balances(result.lines)],
    }


def table(result: Result, sizes: list[Size]) -> list[str]:
    rows = [f"Detection as shipped, {result.version}", ""]
    rows += [_row(line) for line in result.lines]
    rows.append("")
    rows += [_balance_row(one) for one in balances(result.lines)]
    rows.append("")
    for speaker, (half, most) in result.milliseconds.items():
        rows.append(f"gate, {speaker}: p50 {half:.2f} ms, p95 {most:.2f} ms")
    rows.append("")
    return rows + [size_words(size) for size in sizes]


def size_words(size: Size) -> str:
    verdict = "BELOW SIZE" if size.is_below else "that many, unreviewed"
    return f"{size.name}: {size.have:,} of {size.asked:,} (GB/T 45654): {verdict}"


def changes(now: dict[str, Any], last: dict[str, Any]) -> list[str]:
    """Rates that moved since the last run, the largest first."""
    before = {line["key"]: line["rate"] for line in last["lines"]}
    moved = [
        (line["rate"] - before[line["key"]], line["key"])
        for line in now["lines"]
        if line["key"] in before
    ]
    moved.sort(key=lambda one: -abs(one[0]))
    return [f"{step:+.3f}  {key}" for step, key in moved if abs(step) >= MOVED]


def _line_data(line: Line) -> dict[str, Any]:
    low, high = line.interval
    return asdict(line) | {
        "key": line.key,
        "kind": line.kind,
        "rate": line.rate,
        "low": low,
        "high": high,
    }


def _row(line: Line) -> str:
    low, high = line.interval
    return (
        f"{line.set:<28} {line.question:<27} {line.kind:<15} {line.lang:<3} "
        f"{line.half:<6} n {line.n:>5}  {line.rate:6.3f}  [{low:.3f}, {high:.3f}]"
    )


def _balance_data(one: Balance) -> dict[str, Any]:
    rates = {"precision": one.precision, "recall": one.recall, "f1": one.f1}
    return asdict(one) | rates


def _balance_row(one: Balance) -> str:
    return (
        f"{one.set:<28} {one.question:<27} {one.lang:<3} {one.half:<6} "
        f"precision {one.precision:.3f}  recall {one.recall:.3f}  F1 {one.f1:.3f}"
    )
