"""The layer of rules: a message or a sentence in, hits out, whatever its length.

Pure and bounded: of a text that is longer than anybody types the two ends are read.
"""

from collections.abc import Iterator

from safety.policy import POLICY
from safety.rules.detect import detect
from safety.rules.files import rule_set
from safety.verdict import Hit, Said


def read(said: Said) -> tuple[Hit, ...]:
    """The worst hit of each rule, over all pieces of the text."""
    rules, band = rule_set().of(said.speaker), said.subject.age_band
    worst: dict[str, Hit] = {}
    for hit in (
        hit for piece in windows(said.text) for hit in detect(piece, rules, band)
    ):
        known = worst.get(hit.rule, hit)
        worst[hit.rule] = max(known, hit, key=lambda one: one.tier)
    return tuple(worst.values())


def windows(text: str) -> Iterator[str]:
    """A long text in overlapping pieces, so that each is read whole."""
    limit = POLICY.windows
    if len(text) > limit.longest:
        half = limit.longest // 2
        yield from windows(text[:half])
        yield from windows(text[-half:])
        return
    step = limit.size - limit.overlap
    yield text[: limit.size]
    yield from (
        text[at : at + limit.size]
        for at in range(step, len(text) - limit.size + step, step)
    )
