"""What is asked of a verdict: did it find the class, did it reach a takeover, was it
held back. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from safety.verdict import Action, Tier, Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """`name` stands in reports; `says_yes` reads one verdict."""

    name: str
    says_yes: Callable[[Verdict], bool]


def found(label: str) -> Question:
    """The class is among the labels, whatever it led to."""
    return Question(label, lambda verdict: label in verdict.labels)


TAKEOVER = Question("takeover (T2 or T3)", lambda verdict: verdict.tier >= Tier.T2)
PEOPLE_TOLD = Question("people told (T3)", lambda verdict: verdict.tier >= Tier.T3)
NOTICED = Question("noticed (T1 or more)", lambda verdict: verdict.tier >= Tier.T1)
HELD_BACK = Question("held back", lambda verdict: verdict.action is Action.BLOCK)
DISTURBED = Question(
    "takeover or held back",
    lambda verdict: verdict.tier >= Tier.T2 or verdict.action is Action.BLOCK,
)
EXPLICIT = Question("explicit intent (T2 or T3)", TAKEOVER.says_yes)
