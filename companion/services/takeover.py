"""The acts with which a person of the team comes into a conversation and leaves it.

Whoever lets somebody in holds the row of the conversation, as the door of the engine
does; the conversation is always locked before its case. Both ends of the human part
are marked with fixed words in the thread. No act here asks a model for words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from companion.dialogue import Event, State, move
from companion.models import Answer, Author, Conversation, Message, Takeover, Turn
from companion.refusal import Refused
from companion.services.conversations import append, locked
from companion.services.endings import silence
from safety import texts
from safety.models import Incident, IncidentState, Severity
from vault import audit

WITH_PERSON = {State.WAITING_HUMAN, State.HUMAN}


@dataclass(frozen=True, slots=True)
class Changed:
    """What the tabs must hear of: new messages, and a turn that fell silent."""

    conversation: Conversation
    messages: list[Message] = field(default_factory=list)
    silenced: Turn | None = None


def noticed(
    *, conversation: Conversation, incident: Incident, is_danger: bool, now: datetime
) -> None:
    """A message belongs to a case. New danger asks for a person, also where the person
    had declined before. Runs inside the transaction that accepts the message."""
    asked = {"answer": Answer.NONE, "asked_at": now}
    takeover, _is_new = Takeover.objects.update_or_create(
        conversation=conversation,
        incident=incident.id,
        defaults=asked if is_danger else {},
        create_defaults=asked,
    )
    takeover.conversation = conversation
    _line_up(takeover, incident, now)


def line_up(*, incident_id: UUID, now: datetime) -> list[Changed]:
    """Bring every conversation of a case in line with it. Repeating changes nothing."""
    rows = Takeover.objects.filter(incident=incident_id)
    return [
        _line_up_one(takeover_id, incident_id, now)
        for takeover_id in rows.values_list("id", flat=True)
    ]


def _line_up_one(takeover_id: UUID, incident_id: UUID, now: datetime) -> Changed:
    with transaction.atomic():
        takeover = locked_takeover(takeover_id)
        return _line_up(takeover, Incident.objects.get(pk=incident_id), now)


def locked_takeover(takeover_id: UUID) -> Takeover:
    """With its conversation, whose row is locked from here on."""
    takeover = Takeover.objects.select_related("operator").get(pk=takeover_id)
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("user")
    takeover.conversation = rows.get(pk=takeover.conversation_id)
    takeover.refresh_from_db(fields=["answer", "operator", "joined_at", "ended_at_seq"])
    return takeover


def _line_up(takeover: Takeover, incident: Incident, now: datetime) -> Changed:
    event = _needed(takeover, incident)
    if event:
        return carry_out(event, takeover, incident, now)
    if takeover.conversation.state == State.HUMAN and (
        takeover.operator_id != incident.claimed_by
    ):
        return _enter(takeover, incident, now)
    return Changed(takeover.conversation)


def _needed(takeover: Takeover, incident: Incident) -> Event | None:
    """The move that the conversation has to make; None where it stands right."""
    state = State(takeover.conversation.state)
    calls = takeover.is_welcome and incident.severity >= Severity.HIGH
    if incident.state == IncidentState.CLOSED:
        return Event.HAND_BACK if state in WITH_PERSON else None
    if incident.state == IncidentState.HUMAN:
        waits = state in {State.SUPPORT, State.WAITING_HUMAN}
        return Event.CLAIM if calls and waits else None
    if state is State.HUMAN:
        return Event.LAPSE
    return Event.OFFER if calls and state is State.SUPPORT else None


def carry_out(
    event: Event, takeover: Takeover, incident: Incident, now: datetime
) -> Changed:
    """Make the move with what belongs to it; the caller holds the conversation."""
    conversation = takeover.conversation
    was_there = conversation.state == State.HUMAN
    state = move(conversation=conversation, event=event)
    audit.record(
        chain=conversation.user_id,
        act=f"takeover.{event.value}",
        actor=str(incident.claimed_by or "companion"),
        facts={
            "conversation": str(conversation.id),
            "incident": str(incident.id),
            "state": state.value,
        },
    )
    if event is Event.CLAIM:
        return _enter(takeover, incident, now)
    if event is Event.LAPSE:
        return _part(takeover, "takeover.lost", now)
    if event is Event.HAND_BACK:
        words = "takeover.left" if was_there else "takeover.closed"
        return _part(takeover, words, now)
    return Changed(conversation)


def _enter(takeover: Takeover, incident: Incident, now: datetime) -> Changed:
    """The person of the team is there: whoever else was speaking is silent."""
    conversation = takeover.conversation
    silenced = silence(conversation, now)
    assert incident.claimed_by  # noqa: S101 - who claimed it is who comes
    takeover.operator = User.objects.get(pk=incident.claimed_by)
    takeover.joined_at, takeover.left_at = now, None
    takeover.save(update_fields=["operator", "joined_at", "left_at"])
    told = _tell(takeover, "takeover.joined", now)
    return Changed(conversation, [told], silenced)


def _part(takeover: Takeover, text_id: str, now: datetime) -> Changed:
    """The end of the human part, marked: no prompt reaches back over it."""
    told = _tell(takeover, text_id, now)
    takeover.left_at, takeover.ended_at_seq = now, told.seq
    takeover.save(update_fields=["left_at", "ended_at_seq"])
    return Changed(takeover.conversation, [told])


def _tell(takeover: Takeover, text_id: str, now: datetime) -> Message:
    conversation = takeover.conversation
    words = texts.get(text_id, conversation.user.language)
    told = "\n\n".join(part for part in (words.title, words.body) if part)
    name = duty_name(takeover.operator, conversation.user.language)
    return append(conversation, Author.SYSTEM, told.replace("{name}", name), now)


def duty_name(operator: User | None, language: str) -> str:
    """The name that the person sees; never an address."""
    known = operator.display_name if operator else ""
    return known or texts.get("takeover.somebody", language).body


def decline(*, user_id: UUID, conversation_id: UUID, now: datetime) -> Changed:
    """The person wants nobody from the team. The numbers stay, the case too."""
    with transaction.atomic():
        takeover = _own(user_id, conversation_id)
        if takeover.conversation.state not in WITH_PERSON:
            raise Refused("nobody_to_decline")
        takeover.answer = Answer.DECLINED
        takeover.save(update_fields=["answer"])
        move(conversation=takeover.conversation, event=Event.DECLINE)
        _record(takeover, "takeover.declined")
        return _part(takeover, "takeover.declined", now)


def ask_again(*, user_id: UUID, conversation_id: UUID, now: datetime) -> Changed:
    """The person who declined wants somebody after all."""
    with transaction.atomic():
        takeover = _own(user_id, conversation_id)
        incident = Incident.objects.get(pk=takeover.incident)
        if takeover.is_welcome or incident.state == IncidentState.CLOSED:
            raise Refused("nobody_to_ask")
        takeover.answer, takeover.asked_at = Answer.NONE, now
        takeover.save(update_fields=["answer", "asked_at"])
        _record(takeover, "takeover.asked")
        return _line_up(takeover, incident, now)


def read_by_person(*, user_id: UUID, conversation_id: UUID, message_id: UUID) -> None:
    """How far the person has read; the one of the team sees it."""
    seen = Message.objects.filter(
        pk=message_id, conversation=conversation_id, conversation__user=user_id
    ).first()
    if seen:
        rows = Takeover.objects.filter(conversation=conversation_id)
        rows.filter(read_by_person__lt=seen.seq).update(read_by_person=seen.seq)


def _own(user_id: UUID, conversation_id: UUID) -> Takeover:
    """The newest of the person's own conversation, which is locked."""
    conversation = locked(user_id, conversation_id)
    takeover = conversation.takeovers.select_related("operator").last()
    if takeover is None:
        raise Refused("not_found")
    takeover.conversation = conversation
    return takeover


def _record(takeover: Takeover, act: str) -> None:
    owner = takeover.conversation.user_id
    audit.record(
        chain=owner,
        act=act,
        actor=str(owner),
        facts={
            "conversation": str(takeover.conversation_id),
            "incident": str(takeover.incident),
        },
    )
