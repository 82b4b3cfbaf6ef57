"""What a guard model's answer may change: it raises and holds back, never lowers.

Its answer is read strictly, and what cannot be read counts as no answer at all. Its
categories are not trusted alone: whoever may be in danger is never turned away for
being called violent. Pure; the model itself is reached from above.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from safety.verdict import Action, Hit, Label, Tier, Verdict

SELF_HARM = "Suicide & Self-Harm"
CATEGORIES = {  # of Qwen3Guard-Gen, for what a person says
    "Violent",
    "Non-violent Illegal Acts",
    "Sexual Content or Sexual Acts",
    "PII",
    "Personally Identifiable Information",
    SELF_HARM,
    "Unethical Acts",
    "Politically Sensitive Topics",
    "Copyright Violation",
    "Jailbreak",
    "None",
}
DISTRESS = {Label.DISTRESS, Label.SELF_HARM}
_answer = re.compile(
    r"Safety: (Safe|Controversial|Unsafe)\s*\nCategories: ([^\n]{1,200})"
    r"(?:\s*\nRefusal: (?:Yes|No))?"
)


class Opinion(StrEnum):
    SAFE = "Safe"
    CONTROVERSIAL = "Controversial"
    UNSAFE = "Unsafe"


@dataclass(frozen=True, slots=True)
class Finding:
    opinion: Opinion
    categories: frozenset[str]


def read(answer: str) -> Finding | None:
    """The finding in the answer of a guard (Qwen3Guard-Gen's form); None for anything
    that is not exactly such an answer."""
    match = _answer.fullmatch(answer.strip())
    if match is None:
        return None
    named = frozenset(part.strip() for part in match[2].split(","))
    return Finding(Opinion(match[1]), named) if named <= CATEGORIES else None


def concerns(verdict: Verdict) -> bool:
    """Whether a guard could change anything: what a model would answer."""
    return verdict.action in {Action.ALLOW, Action.EASE}


def raised(verdict: Verdict, finding: Finding | None) -> Verdict:
    """The verdict with the guard's hit added, where it has one."""
    if finding is None or finding.opinion is Opinion.SAFE or not concerns(verdict):
        return verdict
    hit = _hit(verdict, finding)
    worst = max(verdict.tier, hit.tier)
    return replace(
        verdict,
        tier=worst,
        action=Action.SUPPORT if worst >= Tier.T2 else hit.action or verdict.action,
        labels=tuple(sorted({*verdict.labels, hit.label})),
        rules=tuple(sorted({*verdict.rules, hit.rule})),
        hits=(*verdict.hits, hit),
    )


def _hit(verdict: Verdict, finding: Finding) -> Hit:
    """Signs of distress and an "unsafe" together are a guess at danger. Without such
    signs "unsafe" is held back, unless its category speaks of self-harm."""
    is_unsafe = finding.opinion is Opinion.UNSAFE
    speaks_of_danger = SELF_HARM in finding.categories
    if is_unsafe and speaks_of_danger and _shows_distress(verdict):
        return _of("danger", Label.SELF_HARM, Tier.T2)
    if speaks_of_danger or _shows_distress(verdict):
        return _of("distress", Label.DISTRESS, Tier.T1, Action.EASE)
    if is_unsafe:
        return _of("unsafe", Label.GUARD, Tier.T0, Action.BLOCK)
    return _of("controversial", Label.GUARD, Tier.T0, Action.EASE)


def _shows_distress(verdict: Verdict) -> bool:
    return verdict.tier >= Tier.T1 and bool(DISTRESS & set(verdict.labels))


def _of(name: str, label: Label, tier: Tier, action: Action | None = None) -> Hit:
    return Hit(f"guard:{name}", label, tier, action, layer="guard")
