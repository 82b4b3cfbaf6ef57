"""The acts of safety on one message: what was decided is written with everything that
follows from it.

Runs in the transaction of the message: a decision and its record are committed
together or not at all. No words of people go in.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safety import incidents, observing, strikes
from safety.dependence import Dependence
from safety.models import DependenceLevel, Suspension
from safety.state import DEPENDENCE
from safety.verdict import Action, Label, Subject, Tier, Verdict
from vault import audit

STRONG_DEPENDENCE = Verdict(
    Tier.T1, Action.EASE, labels=(Label.DEPENDENCY,), rules=(DEPENDENCE,)
)  # what operators are shown; it answers no message


@dataclass(frozen=True, slots=True)
class Consequences:
    """What one message led to beyond its answer."""

    suspension: Suspension | None = None
    dependence: Dependence | None = None


def take_in(
    *,
    subject: Subject,
    conversation: UUID,
    message: UUID,
    verdict: Verdict,
    may_strike: bool,
    now: datetime,
) -> Consequences:
    """Note an accepted message of a person. `may_strike` is false where a prohibited
    request is not held against anybody: with a human, or beside a crisis card."""
    record_verdict(
        subject_id=subject.id, direction="input", message_id=message, verdict=verdict
    )
    observing.observe(
        subject=subject.id,
        conversation=conversation,
        message=message,
        verdict=verdict,
        now=now,
    )
    suspension = None
    if may_strike:
        suspension = strikes.count(
            subject=subject,
            conversation=conversation,
            message=message,
            verdict=verdict,
            now=now,
        )
    risen = observing.note_use(subject=subject, now=now)
    if risen and risen.level is DependenceLevel.HIGH:
        incidents.signal(
            subject=subject,
            verdict=STRONG_DEPENDENCE,
            message=message,
            conversation=conversation,
            now=now,
        )
    return Consequences(suspension, risen)


def record_verdict(
    *, subject_id: UUID, direction: str, message_id: UUID, verdict: Verdict
) -> None:
    """`direction` is `input` or `output`; `message_id` the message, or the turn where
    nothing was said."""
    audit.record(
        chain=subject_id,
        act=f"gate.{direction}",
        actor="safety.gate",
        facts={
            "message": str(message_id),
            "tier": int(verdict.tier),
            "action": verdict.action.value,
            "labels": list(verdict.labels),
            "rules": list(verdict.rules),
            "policy": verdict.policy,
            "failed": list(verdict.failed),
        },
    )
