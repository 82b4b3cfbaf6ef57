"""Which rules a text hits, and how dangerous each hit is in its sentence.

Pure: a text in, hits out, no text kept. Places are counted in bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from safety.fold import Sound, fold, sounds
from safety.rules.files import Context, Patterns, Rule, Rules
from safety.rules.patterns import Pattern, compiled
from safety.verdict import Action, AgeBand, Hit, Tier

Span = tuple[int, int]
_sentence_end = compiled(r"[。！？!?\n;；]|\.\s|\.$")
_clause_end = compiled(r"[,，、:：。！？!?\n;；]|\b(?:and|but|so|now)\b|\.\s|\.$")
_trimmed = " \t\n.!?~…。！？～,，;；:)(\"'“”"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which a text may be meant; `sound` where it is read by its sound."""

    text: bytes
    sound: Sound | None = None


def detect(text: str, rules: Rules, band: AgeBand = AgeBand.ADULT) -> tuple[Hit, ...]:
    """The worst hit of each rule, over all readings of the text."""
    found: dict[str, Hit] = {}
    for reading in fold(text):
        _collect(found, Reading(reading.encode()), rules, band)
    heard = sounds(text) if rules.by_sound else None
    if heard and rules.by_sound:
        _collect(found, Reading(heard.text.encode(), heard), rules.by_sound, band)
    return tuple(found.values())


def _collect(
    found: dict[str, Hit], reading: Reading, rules: Rules, band: AgeBand
) -> None:
    for rule, patterns in rules.candidates(reading.text).values():
        if band not in rule.ages or _is_settled(found.get(rule.id)):
            continue
        for hit in _hits(rule, patterns, reading):
            known = found.get(rule.id)
            if known is None or _weight(hit) > _weight(known):
                found[rule.id] = hit
            if _is_settled(hit):
                break


def _is_settled(hit: Hit | None) -> bool:
    """What nothing eases is the worst that a rule can say."""
    return hit is not None and not hit.context


def _weight(hit: Hit) -> tuple[int, bool]:
    return hit.tier, not hit.context


def _hits(rule: Rule, patterns: list[Pattern], reading: Reading) -> Iterator[Hit]:
    text = reading.text
    if rule.whole:
        said = text.decode().strip(_trimmed).encode()
        if any(pattern.fullmatch(said) for pattern in patterns):
            yield Hit(rule.id, rule.label, rule.tier, rule.action)
    elif _allowed(rule, text):
        for span in _spans(rule, patterns, text):
            if reading.sound is None:
                yield _hit(rule, text, span)
            elif _is_spelled(span, text, reading.sound):
                yield _softened(_hit(rule, text, span), reading.sound)


def _allowed(rule: Rule, text: bytes) -> bool:
    if rule.also and not _any(rule.also, text):
        return False
    return not _any(rule.also_none, text)


def _spans(rule: Rule, patterns: list[Pattern], text: bytes) -> Iterator[Span]:
    """Where the patterns match, but for what belongs to a harmless phrase."""
    harmless: list[Span] | None = None
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        if harmless is None:
            harmless = [m.span() for p in rule.but_not for m in p.finditer(text)]
        end = match.span()[1]
        if not any(start < end <= stop for start, stop in harmless):
            yield match.span()


def _is_spelled(span: Span, text: bytes, sound: Sound) -> bool:
    """Whether letters stand for at least one character of the hit."""
    first = len(text[: span[0]].decode())
    last = first + len(text[span[0] : span[1]].decode())
    return any(first <= place < last for place in sound.spelled)


def _softened(hit: Hit, sound: Sound) -> Hit:
    """A text in nothing but pinyin may be meant otherwise: never the highest tier."""
    if sound.pure and hit.tier is Tier.T3:
        return replace(hit, tier=Tier.T2)
    return hit


def _hit(rule: Rule, text: bytes, span: Span) -> Hit:
    """What is refused or withheld is so only where nothing takes the edge off."""
    sentence = _around(_sentence_end, text, span)
    names = [c.name for c in rule.unless if _holds(c, text, span, sentence)]
    if not names:
        return Hit(rule.id, rule.label, rule.tier, rule.action)
    tier = _eased(rule.tier)
    action = None if rule.action is Action.BLOCK else rule.action
    return Hit(rule.id, rule.label, tier, action, names[0])


def _holds(context: Context, text: bytes, span: Span, sentence: Span) -> bool:
    around = text[slice(*sentence)]
    if _any(context.but_not, around):
        return False
    if _any(context.sentence, around):
        return True
    if _any(context.clause, text[slice(*_around(_clause_end, text, span))]):
        return True
    before = text[sentence[0] : span[0]]
    found = _last(context.before, before)
    if found < 0 or found < _last(context.nearer, before):
        return False
    if _any(context.nearer, text[slice(*span)]):
        return False
    return not _any(context.before_not, before)


def _last(patterns: Patterns, text: bytes) -> int:
    """Where the last match ends, or -1."""
    return max((m.span()[1] for p in patterns for m in p.finditer(text)), default=-1)


def _around(ends: Pattern, text: bytes, span: Span) -> Span:
    """Where the part of the text that holds the hit begins and ends."""
    start = 0
    for end in (match.span() for match in ends.finditer(text)):
        if end[1] <= span[0]:
            start = end[1]
        elif end[0] >= span[1]:
            return start, end[0]
    return start, len(text)


def _eased(tier: Tier) -> Tier:
    """One tier lower, and never to nothing."""
    return Tier(tier - 1) if tier > Tier.T1 else tier


def _any(patterns: Patterns, text: bytes) -> bool:
    return any(pattern.search(text) for pattern in patterns)
