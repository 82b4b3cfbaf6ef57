"""One case as its operator sees it: the person, the conversation, what was noted.

Changes nothing. Whoever asks for words of a conversation has had that noted in the
audit chain of the person before (`services.cases.open_transcript`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import gate, regions
from accounts.models import Contact, ContactState, User
from companion import frames, typing
from companion.cases import age_words, operator_name
from companion.dialogue import State
from companion.models import Author, CaseNote, Message, Takeover
from companion.services.cases import Reason
from safety import roster
from safety.models import Incident, IncidentKind, IncidentState
from vault.sealing import SealBroken

BEFORE = 12  # messages before the first sign of danger that come with a case
MORE = 40
EARLIER_CASES = 10


@dataclass(frozen=True, slots=True)
class ContactItem:
    """Who may be told, as the operator may need them: to telephone."""

    kind: str
    state: str
    is_confirmed: bool
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class EarlierCase:
    code: str
    opened_at: datetime
    severity_label: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Note:
    at: datetime
    kind: str
    kind_label: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """The facts beside the conversation. `clock` is the time where the person is."""

    age_band: str
    is_minor: bool
    region: str
    language: str
    clock: datetime
    joined: datetime
    contacts: list[ContactItem]
    earlier: list[EarlierCase]


def person(case: Incident, now: datetime) -> Person | None:
    """None for a drill: nobody is in danger."""
    user = User.objects.filter(pk=case.subject).first()
    if user is None:
        return None
    band = gate.band(user, now)
    return Person(
        age_band=age_words(band.value if band else case.age_band),
        is_minor=bool(band and band.is_minor),
        region=regions.name(user.region),
        language=user.get_language_display(),
        clock=timezone.localtime(now, ZoneInfo(user.time_zone)),
        joined=user.date_joined,
        contacts=[
            _contact(row)
            for row in user.contacts.exclude(state=ContactState.STOPPED).order_by(
                "kind", "place", "named_at"
            )
        ],
        earlier=_earlier(case),
    )


def _contact(row: Contact) -> ContactItem:
    return ContactItem(
        kind=row.get_kind_display(),
        state=row.get_state_display(),
        is_confirmed=row.state == ContactState.CONFIRMED,
        name=opened(lambda: row.name),
        email=opened(lambda: row.email),
        phone=opened(lambda: row.phone),
    )


def _earlier(case: Incident) -> list[EarlierCase]:
    rows = Incident.objects.filter(subject=case.subject, state=IncidentState.CLOSED)
    rows = rows.filter(kind=IncidentKind.REAL).exclude(pk=case.pk)
    return [
        EarlierCase(
            code=row.code,
            opened_at=row.opened_at,
            severity_label=row.get_severity_display(),
            reason=reason_words(row.closed_reason),
            note=opened(row.note),
        )
        for row in rows.order_by("-opened_at")[:EARLIER_CASES]
    ]


def reason_words(code: str) -> str:
    return str(Reason(code).label) if code in Reason.values else code


def opened(read: Callable[[], str]) -> str:
    """Sealed words, or that they cannot be shown."""
    try:
        return read()
    except SealBroken:
        return _("This cannot be shown.")


def notes(case: Incident) -> list[Note]:
    rows = CaseNote.objects.filter(incident=case.id).select_related("by")
    return [
        Note(
            at=row.at,
            kind=row.kind,
            kind_label=row.get_kind_display(),
            by=row.by.display_name or row.by.email,
            text=opened(row.text),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the console. `is_danger` marks what opened or raised the case."""

    id: UUID
    seq: int
    author: str
    html: str
    at: datetime
    is_danger: bool
    is_read: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation of the case. `may_write` while its operator is in it."""

    id: UUID
    persona: str
    state: str
    state_label: str
    answer: str
    answer_label: str
    may_write: bool
    may_join: bool
    is_typing: bool


def takeovers(case: Incident) -> QuerySet[Takeover]:
    """The conversations in which this case showed, the latest last."""
    rows = Takeover.objects.filter(incident=case.id)
    return rows.select_related("conversation__user", "operator").order_by("asked_at")


def talk(takeover: Takeover, operator: User) -> Talk:
    conversation = takeover.conversation
    is_in = conversation.state == State.HUMAN
    declined = takeover.answer == "declined"
    closed = conversation.state == State.CLOSED
    return Talk(
        id=takeover.id,
        persona=conversation.persona,
        state=conversation.state,
        state_label=conversation.get_state_display(),
        answer=takeover.answer,
        answer_label=takeover.get_answer_display(),
        may_write=is_in and takeover.operator_id == operator.pk,
        may_join=not (is_in or declined or closed),
        is_typing=typing.is_typing(conversation.id),
    )


def first_seq(takeover: Takeover, case: Incident) -> int:
    """Where the words begin that come with a case: shortly before the first sign."""
    conversation = takeover.conversation
    signs = conversation.messages.filter(
        pk__in=case.signals.values_list("message", flat=True)
    )
    first = signs.values_list("seq", flat=True).first()
    if first is None:
        first = conversation.messages.values_list("seq", flat=True).last() or 1
    return max(1, first - BEFORE)


def words(
    takeover: Takeover, case: Incident, *, from_seq: int, after: int = 0
) -> list[Line]:
    """The messages from `from_seq` on, or only those after message number `after`."""
    conversation = takeover.conversation
    rows = conversation.messages.filter(seq__gte=from_seq, seq__gt=after)
    signs = set(case.signals.values_list("message", flat=True))
    return [_said(row, takeover, signs) for row in rows.order_by("seq")]


def _said(row: Message, takeover: Takeover, signs: set[UUID]) -> Line:
    row.conversation = takeover.conversation
    return Line(
        id=row.id,
        seq=row.seq,
        author=Author(row.author).value,
        html=frames.message_frame(row).html,
        at=row.created_at,
        is_danger=row.id in signs,
        is_read=row.author == Author.HUMAN and row.seq <= takeover.read_by_person,
    )


@dataclass(frozen=True, slots=True)
class Colleague:
    """`is_here` when their console is open: a case passed to somebody who is not there
    leaves its person alone until the lease ends."""

    id: UUID
    name: str
    is_here: bool


def colleagues(operator: User, now: datetime) -> list[Colleague]:
    """To whom a case can be passed on, those who are there first."""
    right = Permission.objects.filter(
        content_type__app_label="companion", codename="change_case"
    )
    staff = User.objects.filter(is_staff=True, is_active=True).exclude(pk=operator.pk)
    may = Q(groups__permissions__in=right) | Q(user_permissions__in=right)
    found = staff.filter(may | Q(is_superuser=True)).distinct().order_by("email")
    here = roster.present(now=now)
    named = [
        Colleague(one.id, one.display_name or one.email, one.id in here)
        for one in found
    ]
    return sorted(named, key=lambda one: not one.is_here)


def holder(case: Incident) -> str:
    if case.state != IncidentState.HUMAN:
        return ""
    return operator_name(case.claimed_by)
