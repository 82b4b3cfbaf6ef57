"""What the operator who holds a case writes down and judges: notes, calls, a second
opinion, a smaller danger, whom to tell and whom not.

Words go sealed into a note; the audit chain gets codes only.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts import contact_telling
from accounts import refusal as accounts_refusal
from accounts.contact_telling import Why, Withheld
from accounts.models import User
from companion.models import CaseNote, NoteKind
from companion.refusal import Refused
from companion.services.cases import held, lock_conversations, readable, record
from safety import incidents
from safety.models import Severity

CALLS = {
    NoteKind.CALL: incidents.REACHED,
    NoteKind.NO_ANSWER: incidents.NO_ANSWER,
}


def write_note(
    *, operator: User, incident_id: UUID, kind: NoteKind, text: str, now: datetime
) -> CaseNote:
    """A note, a call, or asking for a second opinion, of who holds the case; an opinion
    of who was asked. Only a call that somebody answered ends the duty to call."""
    if not text.strip():
        raise Refused("reason_missing")
    with transaction.atomic():
        opinion = kind is NoteKind.OPINION
        case = (readable if opinion else held)(operator, incident_id)
        note = CaseNote(
            incident=case.id, subject=case.subject, kind=kind, by=operator, at=now
        )
        note.write(text.strip())
        note.save(force_insert=True)
        record(case, f"case.{kind.value}", operator, note=str(note.id))
        if outcome := CALLS.get(kind):
            incidents.record_call(
                incident=case.id, operator=operator.pk, outcome=outcome, now=now
            )
    return note


def lower(
    *, operator: User, incident_id: UUID, severity: Severity, why: str, now: datetime
) -> None:
    """A human alone judges a danger to be smaller; why stands in a sealed note."""
    with transaction.atomic():
        lock_conversations(incident_id)
        if severity >= held(operator, incident_id).severity:
            raise Refused("not_lower")
        write_note(
            operator=operator,
            incident_id=incident_id,
            kind=NoteKind.NOTE,
            text=why,
            now=now,
        )
        incidents.lower(
            incident=incident_id,
            operator=operator.pk,
            severity=severity,
            reason="noted",
            now=now,
        )


def implicate_guardian(*, operator: User, incident_id: UUID, now: datetime) -> None:
    """From now on no guardian is told of this case."""
    held(operator, incident_id)
    incidents.implicate_guardian(incident=incident_id, operator=operator.pk, now=now)


def tell_contacts(
    *,
    operator: User,
    incident_id: UUID,
    why: Why,
    withheld: Withheld | None,
    now: datetime,
) -> None:
    """Tell who has agreed, though nothing that the person wrote has led to it yet; the
    reason is noted in the chain of the person, who sees that it was done: at once, or
    after the end where the operator has said why."""
    held(operator, incident_id)
    incidents.tell_contacts(
        incident=incident_id,
        operator=operator.pk,
        reason=why.value,
        withheld=withheld.value if withheld else "",
        now=now,
    )


def tell_unconfirmed(
    *,
    operator: User,
    incident_id: UUID,
    contact_id: UUID,
    why: Why,
    withheld: Withheld | None,
    now: datetime,
) -> None:
    """Write once to somebody who was named and has not agreed yet; noted and shown as
    in `tell_contacts`."""
    held(operator, incident_id)
    try:
        contact_telling.tell_unconfirmed(
            contact=contact_id,
            incident=incident_id,
            operator=operator.pk,
            reason=why,
            withheld=withheld,
            now=now,
        )
    except (accounts_refusal.Refused, incidents.NotHolder):
        raise Refused("contact_not_told") from None
