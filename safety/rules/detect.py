"""Which rules a text hits, and how dangerous each hit is in its sentence.

Pure: a text in, hits out, no text kept.
"""

import re
from collections.abc import Iterator

from safety.fold import fold
from safety.rules.files import Context, Patterns, Rule
from safety.verdict import Hit, Tier

TOLD = {"fiction", "negation"}
_sentence_end = re.compile(r"[。！？!?\n;；]|\.(?=\s|$)")
_clause_end = re.compile(r"[,，、:：。！？!?\n;；]|\b(?:and|but|so|now)\b|\.(?=\s|$)")
_trimmed = " \t\n.!?~…。！？～,，;；:)(\"'“”"


def detect(text: str, rules: tuple[Rule, ...]) -> tuple[Hit, ...]:
    """The worst hit of each rule, over all readings of the text."""
    readings = fold(text)
    found = (_worst(rule, readings) for rule in rules)
    return tuple(hit for hit in found if hit)


def _worst(rule: Rule, readings: tuple[str, ...]) -> Hit | None:
    """The first hit that nothing eases is the worst there is; else the least eased."""
    eased: Hit | None = None
    for hit in (hit for reading in readings for hit in _hits(rule, reading)):
        if not hit.context:
            return hit
        if eased is None or hit.tier > eased.tier:
            eased = hit
    return eased


def _hits(rule: Rule, reading: str) -> Iterator[Hit]:
    if rule.whole:
        if any(p.fullmatch(reading.strip(_trimmed)) for p in rule.patterns):
            yield Hit(rule.id, rule.label, rule.tier, rule.action)
        return
    if not _allowed(rule, reading):
        return
    for pattern in rule.patterns:
        for match in pattern.finditer(reading):
            context = _context(rule, reading, match)
            if context and rule.direction == "output":
                continue  # a sentence of the model is judged as it stands
            tier = _eased(rule.tier, context) if context else rule.tier
            yield Hit(rule.id, rule.label, tier, rule.action, context)


def _allowed(rule: Rule, reading: str) -> bool:
    if rule.also and not _any(rule.also, reading):
        return False
    return not _any(rule.also_none, reading)


def _context(rule: Rule, reading: str, match: re.Match[str]) -> str:
    start, end = _around(_sentence_end, reading, match)
    before, sentence = reading[start : match.start()], reading[start:end]
    begin, stop = _around(_clause_end, reading, match)
    for context in rule.unless:
        if _any(context.but_not, sentence):
            continue
        if _holds(context, before, reading[begin:stop]):
            return context.name
    return ""


def _holds(context: Context, before: str, clause: str) -> bool:
    return _any(context.before, before) or _any(context.anywhere, clause)


def _around(
    ends: re.Pattern[str], reading: str, match: re.Match[str]
) -> tuple[int, int]:
    """Where the part of the text that holds the hit begins and ends."""
    start = 0
    for end in ends.finditer(reading):
        if end.end() <= match.start():
            start = end.end()
        elif end.start() >= match.end():
            return start, end.start()
    return start, len(reading)


def _eased(tier: Tier, context: str) -> Tier:
    """Never to nothing. Of a plan or an act only a story or a "not" is left to the
    model; a joke, the past or somebody else in danger still gets the numbers."""
    if tier is Tier.T3 and context not in TOLD:
        return Tier.T2
    return Tier.T1


def _any(patterns: Patterns, text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
