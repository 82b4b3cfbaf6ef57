"""The acts of operators on a case: claim, read, write, pass on, hand back, close.

Whoever does not hold the case is refused before anything is opened or changed. A
conversation is locked before its case, and its text is opened only behind an entry in
the audit chain of the person (CN-24).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companion.dialogue import Event, State
from companion.models import (
    Answer,
    Author,
    CaseNote,
    Conversation,
    Message,
    NoteKind,
    Takeover,
)
from companion.refusal import Refused
from companion.services import takeover as people
from companion.services.conversations import append
from companion.services.takeover import Changed, locked_takeover
from safety import incidents
from safety.models import (
    Incident,
    IncidentKind,
    IncidentState,
    Presence,
)
from vault import audit
from vault.models import AuditEntry


class Reason(TextChoices):
    """Why a case is handed back or closed."""

    SAFE = "safe", _("the person is safe now")
    HELPED = "helped", _("others help now (line, doctor, family)")
    FALSE_ALARM = "false_alarm", _("false alarm")
    WISH = "wish", _("the person wished so")
    SILENT = "silent", _("the person no longer answers")
    OTHER = "other", _("something else (say what)")


@dataclass(frozen=True, slots=True)
class Claimed:
    incident: Incident
    changed: list[Changed]


def may_look(user: User) -> bool:
    """The queue, without a word of anybody."""
    return user.is_active and user.is_staff and user.has_perm("companion.view_case")


def may_work(user: User) -> bool:
    is_operator = user.is_active and user.is_staff
    return is_operator and user.has_perm("companion.change_case")


def claim(*, operator: User, now: datetime, incident_id: UUID | None = None) -> Claimed:
    """Take this case, or the gravest and oldest that waits. Of two who try at the same
    time one gets it; raises `Refused("case_taken")` for the other."""
    if not may_work(operator):
        raise PermissionDenied
    for waiting in [incident_id] if incident_id else waiting_cases():
        with transaction.atomic():
            lock_conversations(waiting)
            incident = incidents.claim(operator=operator.pk, now=now, incident=waiting)
            if incident:
                return Claimed(incident, people.line_up(incident_id=waiting, now=now))
    raise Refused("case_taken")


def waiting_cases() -> list[UUID]:
    """What nobody holds, the gravest first, then the oldest."""
    taken = [IncidentState.HUMAN, IncidentState.CLOSED]
    rows = Incident.objects.exclude(state__in=taken).exclude(kind=IncidentKind.CANARY)
    ordered = rows.order_by("-severity", "opened_at")
    return list(ordered.values_list("id", flat=True)[:20])


def lock_conversations(incident_id: UUID) -> None:
    of_case = Takeover.objects.filter(incident=incident_id).values("conversation")
    rows = Conversation.objects.select_for_update().filter(pk__in=of_case)
    list(rows.order_by("pk"))


def held(operator: User, incident_id: UUID) -> Incident:
    """The case, when this operator holds it now; raises `Refused`."""
    found = Incident.objects.filter(
        pk=incident_id, state=IncidentState.HUMAN, claimed_by=operator.pk
    ).first()
    if found is None:
        raise Refused("case_not_yours")
    return found


def readable(operator: User, incident_id: UUID) -> Incident:
    """The case, when this operator may read its words: who holds it, and who was asked
    for a second opinion while somebody holds it."""
    if not may_work(operator):
        raise PermissionDenied
    case = Incident.objects.filter(pk=incident_id, state=IncidentState.HUMAN).first()
    if case is None:
        raise Refused("case_not_yours")
    asked = CaseNote.objects.filter(incident=case.id, kind=NoteKind.QUESTION)
    if case.claimed_by != operator.pk and not asked.exists():
        raise Refused("case_not_yours")
    return case


def open_transcript(
    *, operator: User, incident_id: UUID, purpose: str, from_seq: int = 0
) -> Incident:
    """Note that an operator reads the words of a person, then let them. The entry is
    committed before a word is opened; the person sees it on their own page."""
    with transaction.atomic():
        case = readable(operator, incident_id)
        audit.record(
            chain=case.subject,
            act="transcript.opened",
            actor=str(operator.pk),
            facts={
                "incident": str(case.id),
                "purpose": purpose,
                "from": from_seq,
            },
        )
    return case


def keep(*, operator: User, incident_id: UUID, renew: bool, now: datetime) -> Incident:
    """The page of a case is open: its lease runs on while its operator is there. Only
    for a page whose words were opened behind an entry since the case was claimed."""
    case = readable(operator, incident_id)
    opened = AuditEntry.objects.filter(
        chain=str(case.subject),
        act="transcript.opened",
        actor=str(operator.pk),
        facts__incident=str(case.id),
        at__gte=case.first_claimed_at,
    )
    if not opened.exists():
        raise Refused("case_not_yours")
    note_presence(operator=operator, now=now)
    if renew and case.claimed_by == operator.pk:
        try:
            incidents.renew(incident=case.id, operator=operator.pk, now=now)
        except incidents.NotHolder:
            raise Refused("case_not_yours") from None
    return case


def note_presence(*, operator: User, now: datetime) -> None:
    """The console of this operator is open."""
    Presence.objects.update_or_create(operator=operator.pk, defaults={"seen_at": now})


def join(*, operator: User, takeover_id: UUID, now: datetime) -> Changed:
    """Come into a conversation that nobody was called into, or whose person said that
    all is well. Who declined is not disturbed: they ask first."""
    with transaction.atomic():
        takeover = locked_takeover(takeover_id)
        case = held(operator, takeover.incident)
        state = takeover.conversation.state
        if takeover.answer == Answer.DECLINED or state == State.CLOSED:
            raise Refused("person_not_there")
        if state == State.HUMAN:
            return Changed(takeover.conversation)
        return people.carry_out(Event.CLAIM, takeover, case, now)


def say(
    *, operator: User, takeover_id: UUID, message_id: UUID, text: str, now: datetime
) -> Message:
    """A message of the operator; its id is the console's: sent twice, it is one."""
    with transaction.atomic():
        takeover = locked_takeover(takeover_id)
        case = held(operator, takeover.incident)
        conversation = takeover.conversation
        sent = conversation.messages.filter(pk=message_id, author=Author.HUMAN).first()
        if sent:
            return sent
        if conversation.state != State.HUMAN or takeover.operator_id != operator.pk:
            raise Refused("person_not_there")
        message = append(conversation, Author.HUMAN, text, now, id=message_id)
        incidents.replied(incident=case.id, operator=operator.pk, now=now)
        record(case, "human.said", operator, message=str(message.id))
    return message


def answer_drill(*, operator: User, incident_id: UUID, now: datetime) -> None:
    """A drill has no conversation: saying that one would write now is its first word.
    Raises `Refused` for a case that is none."""
    with transaction.atomic():
        case = held(operator, incident_id)
        if case.kind != IncidentKind.DRILL:
            raise Refused("person_not_there")
        incidents.replied(incident=case.id, operator=operator.pk, now=now)
        record(case, "drill.answered", operator)


def read_by_operator(*, operator: User, takeover_id: UUID, seq: int) -> bool:
    """How far the operator has read; true when that is further than before."""
    rows = Takeover.objects.filter(pk=takeover_id, operator=operator)
    return bool(rows.filter(read_by_operator__lt=seq).update(read_by_operator=seq))


def close(
    *, operator: User, incident_id: UUID, reason: Reason, note: str, now: datetime
) -> list[Changed]:
    """Close the case with a reason. A conversation in which the team was goes back to
    the companion with it (CN-17)."""
    if reason is Reason.OTHER and not note.strip():
        raise Refused("reason_missing")
    with transaction.atomic():
        lock_conversations(incident_id)
        held(operator, incident_id)
        incidents.close(
            incident=incident_id,
            operator=operator.pk,
            reason=reason.value,
            note=note.strip(),
            now=now,
        )
        return people.line_up(incident_id=incident_id, now=now)


def transfer(
    *, operator: User, incident_id: UUID, to: User, now: datetime
) -> list[Changed]:
    """Pass the case on to another operator, who has it at once."""
    if not may_work(to) or to.pk == operator.pk:
        raise PermissionDenied
    with transaction.atomic():
        lock_conversations(incident_id)
        held(operator, incident_id)
        incidents.transfer(
            incident=incident_id, operator=operator.pk, to=to.pk, now=now
        )
        return people.line_up(incident_id=incident_id, now=now)


def record(case: Incident, act: str, operator: User, **facts: str) -> None:
    audit.record(
        chain=case.subject,
        act=act,
        actor=str(operator.pk),
        facts={"incident": str(case.id)} | facts,
    )
