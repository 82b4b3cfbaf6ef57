"""The queue of cases as operators see it: the gravest first, then the oldest.

Changes nothing, and holds no word of anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import regions
from accounts.models import User
from companion.models import Answer, CaseNote, NoteKind, Takeover
from safety import incidents, labels, roster
from safety.models import (
    Incident,
    IncidentKind,
    IncidentState,
    Presence,
    Severity,
    ShiftRole,
)
from safety.verdict import AgeBand

AGES: dict[str, Promise] = {
    AgeBand.UNDER_14: _("under 14"),
    AgeBand.AGE_14_15: _("14 or 15"),
    AgeBand.AGE_16_17: _("16 or 17"),
    AgeBand.ADULT: _("adult"),
    AgeBand.SENIOR: _("60 or older"),
}
HERE = timedelta(seconds=30)  # since an operator's console was last heard of
LEFT = timedelta(seconds=5)  # since the page of a case last renewed its lease


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue. `is_left` when its holder has no page of it open: it was
    passed on to them a moment ago, or they went away from it."""

    id: UUID
    code: str
    severity: str
    severity_label: str
    state: str
    state_label: str
    kind: str
    reasons: str
    age_band: str
    region: str
    language: str
    opened_at: datetime
    age: str
    holder: str
    is_mine: bool
    is_left: bool
    asks_opinion: bool
    owes_call: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Queue:
    """`rings` are the cases that nobody holds, and those that this operator holds and
    does not look at; `staffed` whether anybody is on duty."""

    lines: list[Waiting]
    rings: list[str]
    staffed: bool
    here: list[str]


def queue(operator: User, now: datetime) -> Queue:
    """All open cases, the gravest first, then the oldest."""
    rows = Incident.objects.exclude(state=IncidentState.CLOSED)
    rows = rows.exclude(kind=IncidentKind.CANARY).order_by("-severity", "opened_at")
    found = list(rows)
    answers, asked = _answers(found), _asked(found)
    owing = incidents.owing_calls(found)
    lines = [line(row, operator, now, answers, asked, owing) for row in found]
    return Queue(
        lines=lines,
        rings=[str(line.id) for line in lines if _rings(line)],
        staffed=bool(roster.on_duty(now=now, role=ShiftRole.RESPONDER)),
        here=_here(now),
    )


def _rings(line: Waiting) -> bool:
    return line.state != IncidentState.HUMAN or (line.is_mine and line.is_left)


def _answers(rows: list[Incident]) -> dict[UUID, str]:
    """What the person last said to the offer, where they said something."""
    told = Takeover.objects.filter(incident__in=[row.id for row in rows])
    return {
        takeover.incident: takeover.get_answer_display()
        for takeover in told.exclude(answer=Answer.NONE)
    }


def _asked(rows: list[Incident]) -> set[UUID]:
    ids = [row.id for row in rows]
    notes = CaseNote.objects.filter(incident__in=ids, kind=NoteKind.QUESTION)
    return set(notes.values_list("incident", flat=True))


def line(
    row: Incident,
    operator: User,
    now: datetime,
    answers: Mapping[UUID, str] = MappingProxyType({}),
    asked: Collection[UUID] = (),
    owing: Collection[UUID] = (),
) -> Waiting:
    is_mine = row.claimed_by == operator.pk and row.state == IncidentState.HUMAN
    held = row.state == IncidentState.HUMAN
    return Waiting(
        id=row.id,
        code=row.code,
        severity=Severity(row.severity).name.lower(),
        severity_label=row.get_severity_display(),
        state=row.state,
        state_label=row.get_state_display(),
        kind=row.kind,
        reasons=labels.named(row.reasons),
        age_band=age_words(row.age_band),
        region=regions.name(row.region),
        language=row.language,
        opened_at=row.opened_at,
        age=_age(now - row.opened_at),
        holder=operator_name(row.claimed_by) if held else "",
        is_mine=is_mine,
        is_left=held and _is_left(row, now),
        asks_opinion=row.id in asked and not is_mine and held,
        owes_call=row.id in owing,
        answer=answers.get(row.id, ""),
    )


def _age(waited: timedelta) -> str:
    hours, minutes = divmod(int(waited.total_seconds() // 60), 60)
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


def _is_left(row: Incident, now: datetime) -> bool:
    lease = timedelta(seconds=row.policy["lease"])
    return row.lease_until is not None and row.lease_until < now + lease - LEFT


def _here(now: datetime) -> list[str]:
    """Operators whose console is open right now."""
    seen = Presence.objects.filter(seen_at__gt=now - HERE)
    return sorted(operator_name(one.operator) for one in seen)


def operator_name(operator: UUID | None) -> str:
    """For colleagues; an address only where there is no name."""
    found = User.objects.filter(pk=operator).first() if operator else None
    return (found.display_name or found.email) if found else ""


def age_words(band: str) -> str:
    return str(AGES.get(band, band))
