"""“This was wrong”: a person disputes a decision, an operator reads and decides.

The decision is kept and takes back what followed from a false alarm. Words become an
example for the detectors only when the person allowed it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from safety import strikes
from safety.models import (
    Dispute,
    DisputeKind,
    DisputeState,
    Observation,
    ObservationState,
    ReadPurpose,
    Strike,
    Suspension,
)
from safety.policy import POLICY
from vault import audit
from vault.models import AuditEntry

WAITING = (DisputeState.OPEN, DisputeState.CLAIMED)
CLAIM = timedelta(hours=1)  # a claim that led to no decision lapses


class Refused(Exception):
    """The act is not possible now; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a message: by which rules, for what, how dangerous."""

    tier: int
    labels: tuple[str, ...]
    rules: tuple[str, ...]


def decision_about(*, subject: UUID, message: UUID) -> Decision | None:
    """What the audit chain says of a message or a reply; None when it says nothing."""
    entries = AuditEntry.objects.filter(
        chain=str(subject),
        act__in=["gate.input", "gate.output"],
        facts__message=str(message),
    )
    entry = entries.order_by("seq").last()
    if entry is None:
        return None
    facts = entry.facts
    return Decision(facts["tier"], tuple(facts["labels"]), tuple(facts["rules"]))


@transaction.atomic
def dispute(
    *,
    subject: UUID,
    kind: DisputeKind,
    target: UUID,
    decision: Decision,
    may_be_example: bool,
    now: datetime,
) -> Dispute:
    """One row however often it is asked; who allows the example later is heard."""
    audit.lock(chain=subject)
    row, is_new = Dispute.objects.select_for_update().get_or_create(
        subject=subject,
        target=target,
        defaults={
            "kind": kind,
            "tier": decision.tier,
            "labels": list(decision.labels),
            "rules": list(decision.rules),
            "policy": POLICY.version,
            "at": now,
        },
    )
    if may_be_example and row.example_allowed_at is None:
        row.example_allowed_at = now
        row.save(update_fields=["example_allowed_at"])
    if is_new:
        _note(row, "dispute.opened", str(subject), kind=row.kind)
    return row


@transaction.atomic
def claim(
    *, dispute: UUID, operator: UUID, purpose: ReadPurpose, now: datetime
) -> Dispute:
    """Before an operator reads the words: who, and why, is in the audit chain first.
    Raises `Refused` when it is decided or another operator has just claimed it."""
    row = _waiting(dispute)
    held = row.claimed_at and row.claimed_at > now - CLAIM
    if held and row.claimed_by != operator:
        raise Refused("claimed by somebody else")
    row.state, row.purpose = DisputeState.CLAIMED, purpose
    row.claimed_by, row.claimed_at = operator, now
    row.save(update_fields=["state", "purpose", "claimed_by", "claimed_at"])
    _note(row, "dispute.read", str(operator), purpose=purpose.value)
    return row


@transaction.atomic
def decide(*, dispute: UUID, operator: UUID, was_wrong: bool, now: datetime) -> Dispute:
    """The decision stands, or it was wrong and what followed from it is taken back.
    Only who has claimed the dispute decides it."""
    row = _waiting(dispute)
    if row.state != DisputeState.CLAIMED or row.claimed_by != operator:
        raise Refused("not claimed")
    row.state = DisputeState.OVERTURNED if was_wrong else DisputeState.UPHELD
    row.decided_by, row.decided_at = operator, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    if was_wrong:
        _take_back(row, operator)
    _note(row, "dispute.decided", str(operator), state=row.state)
    return row


def is_claimed(row: Dispute, operator: UUID, now: datetime) -> bool:
    """The operator may read and decide it now."""
    claimed = row.state == DisputeState.CLAIMED and row.claimed_by == operator
    return bool(claimed and row.claimed_at and row.claimed_at > now - CLAIM)


def _waiting(dispute: UUID) -> Dispute:
    """Locked, and the person before it, as everywhere."""
    subject = Dispute.objects.values_list("subject", flat=True).get(pk=dispute)
    audit.lock(chain=subject)
    rows = Dispute.objects.select_for_update().filter(pk=dispute, state__in=WAITING)
    found = rows.first()
    if found is None:
        raise Refused("decided already")
    return found


def _take_back(row: Dispute, operator: UUID) -> None:
    if row.kind == DisputeKind.SUSPENSION:
        suspension = Suspension.objects.get(pk=row.target)
        strikes.lift(suspension=suspension, actor=str(operator))
        return
    Observation.objects.filter(message=row.target).update(
        state=ObservationState.OVERTURNED
    )
    strikes.overturn(message=row.target, actor=str(operator))


def _note(row: Dispute, act: str, actor: str, **facts: str) -> None:
    audit.record(
        chain=row.subject, act=act, actor=actor, facts={"dispute": str(row.pk), **facts}
    )


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What people said of one rule's hits. `hits` are those of which rows are kept."""

    rule: str
    hits: int
    disputed: int
    decided: int
    wrong: int

    @property
    def false_alarms(self) -> float | None:
        """The share of decided disputes that were right; None before the first."""
        return self.wrong / self.decided if self.decided else None

    @property
    def percent(self) -> int:
        return round(100 * (self.false_alarms or 0))


def rule_records() -> list[RuleRecord]:
    """For every rule that somebody disputed, the worst first."""
    hits = _hits()
    disputed: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for rules, state in Dispute.objects.values_list("rules", "state"):
        disputed.update(rules)
        if state not in WAITING:
            decided.update(rules)
        if state == DisputeState.OVERTURNED:
            wrong.update(rules)
    records = [
        RuleRecord(rule, hits[rule], times, decided[rule], wrong[rule])
        for rule, times in disputed.items()
    ]
    return sorted(records, key=lambda one: (-one.wrong, -one.disputed, one.rule))


def _hits() -> Counter[str]:
    found: Counter[str] = Counter()
    for rows in (Observation.objects, Strike.objects):
        for rules in rows.values_list("rules", flat=True):
            found.update(rules)
    return found
