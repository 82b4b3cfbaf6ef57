"""The acts of conversation state: read what came before a message, note what it showed.

All inside the transaction of the message. Labels and times only, no words.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from safety import activity, dependence
from safety.dependence import Dependence
from safety.models import Activity, DependenceDay, Observation, ObservationState
from safety.policy import POLICY
from safety.state import HOURS_READ, Before, Seen
from safety.verdict import Label, Subject, Tier, Verdict
from vault import audit

KEPT = timedelta(days=30)


def before(*, subject: UUID, asked: Label | None, now: datetime) -> Before:
    """The signs of the last seven days that count."""
    rows = _counting(subject, now).order_by("at")
    return Before(
        seen=[
            Seen(row.at, Tier(row.tier), tuple(row.labels), tuple(row.rules))
            for row in rows
        ],
        asked=asked,
    )


def observe(
    *,
    subject: UUID,
    conversation: UUID,
    message: UUID,
    verdict: Verdict,
    now: datetime,
) -> Observation | None:
    """Note what a message showed; nothing for a message without any sign."""
    if not verdict.tier and not set(verdict.labels) & set(POLICY.dependence.labels):
        return None
    return Observation.objects.create(
        subject=subject,
        conversation=conversation,
        message=message,
        tier=int(verdict.tier),
        labels=list(verdict.labels),
        rules=list(verdict.rules),
        at=now,
    )


def note_use(*, subject: Subject, now: datetime) -> Dependence | None:
    """Note a minute of use. What it says of dependence, when the level of the day
    rose with it; else None."""
    if not activity.note(subject=subject, now=now):
        return None
    today = now.astimezone(ZoneInfo(subject.time_zone)).date()
    assessed = dependence_of(subject=subject.id, today=today, now=now)
    return assessed if _rose(subject.id, today, assessed) else None


def dependence_of(*, subject: UUID, today: date, now: datetime) -> Dependence:
    """As it stands now; `today` is the person's own day."""
    since = today - timedelta(days=dependence.DAYS_READ)
    rows = Activity.objects.filter(subject=subject, day__gt=since)
    days = {row.day: activity.written(row) for row in rows}
    return dependence.assess(dependence.facts(days, today, _phrases(subject, now)))


def told_of_dependence(*, subject: UUID, today: date) -> bool:
    """Whether today's level is one of which the person is told (CN-30)."""
    row = DependenceDay.objects.filter(subject=subject, day=today).first()
    return row is not None and dependence.is_told(row.level)


def forget_old(*, now: datetime) -> int:
    """Remove what no rule reads any more. The verdicts stay in the audit chain."""
    day = (now - KEPT).date()
    return sum(
        rows.delete()[0]
        for rows in (
            Observation.objects.filter(at__lt=now - KEPT),
            Activity.objects.filter(day__lt=day),
            DependenceDay.objects.filter(day__lt=day),
        )
    )


def _counting(subject: UUID, now: datetime) -> QuerySet[Observation]:
    return Observation.objects.filter(
        subject=subject,
        state=ObservationState.COUNTS,
        at__gte=now - timedelta(hours=HOURS_READ),
    )


def _phrases(subject: UUID, now: datetime) -> int:
    wanted = set(POLICY.dependence.labels)
    labels = _counting(subject, now).values_list("labels", flat=True)
    return sum(1 for found in labels if wanted & set(found))


def _rose(subject: UUID, today: date, found: Dependence) -> bool:
    """Keep the highest level of the day. True when it has just risen above the one
    that stood before, of this day or else of the day before."""
    newest = DependenceDay.objects.filter(
        subject=subject, day__gte=today - timedelta(days=1)
    )
    last = newest.order_by("day").last()
    stood = dependence.rank(last.level) if last else 0
    rose = dependence.rank(found.level) > stood
    if rose or last is None or last.day != today:
        _keep(subject, today, found)
    if rose:
        audit.record(
            chain=subject,
            act="dependence.rose",
            actor="safety.dependence",
            facts={
                "level": found.level.value,
                "score": found.score,
                "policy": POLICY.version,
            },
        )
    return rose


def _keep(subject: UUID, today: date, found: Dependence) -> None:
    DependenceDay.objects.update_or_create(
        subject=subject,
        day=today,
        defaults={
            "level": found.level,
            "score": found.score,
            "facts": asdict(found.facts),
            "policy": POLICY.version,
        },
    )
