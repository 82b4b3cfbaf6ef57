"""Prohibited requests: counted, and too many suspend for a while (CN-ADJ-8).

A suspension stops what goes to a companion, never help and never leaving. A temper is
no strike: which classes count stands in the policy.
"""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F

from safety.models import (
    Standing,
    Strike,
    StrikeState,
    Suspension,
    SuspensionState,
)
from safety.policy import POLICY
from safety.verdict import Action, Subject, Verdict, is_guess
from vault import audit

IN_A_ROW, A_DAY = "in_a_row", "a_day"


def suspended(*, subject: UUID, now: datetime) -> Suspension | None:
    """The suspension that is in force, the longest if there are several."""
    rows = Suspension.objects.filter(
        subject=subject, state=SuspensionState.ACTIVE, since__lte=now, until__gt=now
    )
    return rows.order_by("until").last()


def count(
    *,
    subject: Subject,
    conversation: UUID,
    message: UUID,
    verdict: Verdict,
    now: datetime,
) -> Suspension | None:
    """Count a message that was accepted: a strike, or the end of a row of strikes.
    Gives the suspension that it led to."""
    if not is_strike(verdict):
        Standing.objects.filter(subject=subject.id, in_a_row__gt=0).update(in_a_row=0)
        return None
    Strike.objects.create(
        subject=subject.id,
        conversation=conversation,
        message=message,
        labels=list(verdict.labels),
        rules=list(verdict.rules),
        at=now,
    )
    reason = _too_many(subject, now)
    return _suspend(subject.id, reason, now) if reason else None


def is_strike(verdict: Verdict) -> bool:
    """A prohibited request that a rule found; a model's guess is held back but is
    never held against anybody."""
    blocked = verdict.action is Action.BLOCK
    found = {
        hit.label
        for hit in verdict.hits
        if hit.action is Action.BLOCK and not is_guess([hit.rule])
    }
    return blocked and bool(found & set(POLICY.strikes.labels))


def lift(*, suspension: Suspension, actor: str) -> None:
    """Ends it at once; the row of strikes begins anew."""
    rows = Suspension.objects.filter(pk=suspension.pk, state=SuspensionState.ACTIVE)
    if not rows.update(state=SuspensionState.LIFTED):
        return
    Standing.objects.filter(subject=suspension.subject).update(in_a_row=0)
    audit.record(
        chain=suspension.subject,
        act="suspension.lifted",
        actor=actor,
        facts={"suspension": str(suspension.pk)},
    )


def overturn(*, message: UUID, actor: str) -> None:
    """A strike that was none counts no more, and what it led to ends with it."""
    strike = Strike.objects.filter(message=message, state=StrikeState.COUNTS).first()
    if strike is None:
        return
    strike.state = StrikeState.OVERTURNED
    strike.save(update_fields=["state"])
    Standing.objects.filter(subject=strike.subject, in_a_row__gt=0).update(
        in_a_row=F("in_a_row") - 1
    )
    for suspension in Suspension.objects.filter(
        subject=strike.subject, state=SuspensionState.ACTIVE, since__gte=strike.at
    ):
        lift(suspension=suspension, actor=actor)


def _too_many(subject: Subject, now: datetime) -> str:
    row, _ = Standing.objects.select_for_update().get_or_create(subject=subject.id)
    row.in_a_row += 1
    row.save(update_fields=["in_a_row"])
    if row.in_a_row >= POLICY.strikes.in_a_row:
        return IN_A_ROW
    return A_DAY if _today(subject, now) >= POLICY.strikes.a_day else ""


def _today(subject: Subject, now: datetime) -> int:
    """Strikes of the person's own day so far."""
    local = now.astimezone(ZoneInfo(subject.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Strike.objects.filter(
        subject=subject.id, state=StrikeState.COUNTS, at__gte=midnight
    ).count()


def _suspend(subject: UUID, reason: str, now: datetime) -> Suspension:
    suspension = Suspension.objects.create(
        subject=subject,
        reason=reason,
        since=now,
        until=now + timedelta(hours=POLICY.strikes.hours),
        policy=POLICY.version,
    )
    Standing.objects.filter(subject=subject).update(in_a_row=0)
    audit.record(
        chain=subject,
        act="suspension.began",
        actor="safety.strikes",
        facts={"suspension": str(suspension.pk), "reason": reason},
    )
    return suspension
