"""The acts that begin a turn: accept a message, answer again.

Accepted means committed: message, incident, duties, audit entry, turn and dialogue
state in one transaction. None of them calls a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from companion import fixed
from companion.dialogue import State
from companion.models import Author, Conversation, Message, Turn, TurnState
from companion.refusal import Refused
from companion.services import takeover
from companion.services.conversations import append, locked
from companion.services.endings import LEASE, PROCESS_LOST, fail_now
from safety import gate, incidents, observing, strikes
from safety import services as safety
from safety.models import Incident
from safety.state import weigh
from safety.verdict import Action, Subject, Verdict

TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Accepted:
    """A committed message and the turn that answers it.

    `fresh` is false when the browser sent it before; `interrupts` is the turn that
    was still being written and must stop now; `reminds` when the page must show the
    notice of dependence (CN-30).
    """

    turn: Turn
    verdict: Verdict
    fresh: bool
    interrupts: UUID | None = None
    reminds: bool = False

    @property
    def calls_model(self) -> bool:
        return self.fresh and self.turn.state == TurnState.RUNNING


def accept(
    *,
    subject: Subject,
    conversation_id: UUID,
    client_id: UUID,
    text: str,
    verdict: Verdict,
    cursor: str,
    now: datetime,
) -> Accepted:
    """Store a message with everything that follows from it, in one transaction.

    Danger and leaving are accepted in every state and while a reply is being
    written; anything else is refused with a reason (`Refused`).
    """
    with transaction.atomic():
        conversation = locked(subject.id, conversation_id)
        sent_before = conversation.turns.filter(client_id=client_id).first()
        if sent_before:
            return Accepted(sent_before, verdict, fresh=False)
        verdict = _weighed(conversation, subject, verdict, now)
        running = _running(conversation, now)
        _refuse_unless_open(conversation, verdict, running)
        _refuse_while_suspended(conversation, verdict, now)
        question = append(conversation, Author.USER, text, now)
        incident, led_to = _led_to(question, subject, verdict, now)
        turn = _open_turn(question, client_id, verdict, cursor, now)
        if turn.state != TurnState.RUNNING:
            fixed.answer(
                turn=turn,
                verdict=verdict,
                language=subject.language,
                suspension=led_to.suspension,
                now=now,
            )
        _tell_or_name(conversation, incident, verdict, text, now)
    return Accepted(
        turn,
        verdict,
        fresh=True,
        interrupts=running.id if running else None,
        reminds=led_to.dependence is not None and led_to.dependence.is_told,
    )


def _led_to(
    question: Message, subject: Subject, verdict: Verdict, now: datetime
) -> tuple[Incident | None, safety.Consequences]:
    """The case of a message, if there is one, and what else follows from it."""
    conversation = question.conversation
    incident = incidents.signal(
        subject=subject,
        verdict=verdict,
        message=question.id,
        conversation=conversation.id,
        now=now,
    )
    led_to = safety.take_in(
        subject=subject,
        conversation=conversation.id,
        message=question.id,
        verdict=verdict,
        may_strike=conversation.state == State.AI,
        now=now,
    )
    return incident, led_to


def _tell_or_name(
    conversation: Conversation,
    incident: Incident | None,
    verdict: Verdict,
    text: str,
    now: datetime,
) -> None:
    """Ask for a person where an incident is open; else a chat is named by its first
    words. Words of danger never become a title."""
    if incident:
        takeover.noticed(
            conversation=conversation,
            incident=incident,
            is_danger=verdict.action is Action.SUPPORT,
            now=now,
        )
    elif not conversation.title_sealed:
        conversation.name_it(text[:TITLE_CHARACTERS])
        conversation.save(update_fields=["title_sealed"])


def accept_retry(
    *,
    subject: Subject,
    conversation_id: UUID,
    client_id: UUID,
    turn_id: UUID,
    cursor: str,
    now: datetime,
) -> Accepted:
    """Open another turn for the newest message. What was answered with fixed words,
    or is not the newest, raises `Refused("cannot_retry")`."""
    with transaction.atomic():
        conversation = locked(subject.id, conversation_id)
        old = conversation.turns.select_related("question").filter(id=turn_id).first()
        if old is None:
            raise Refused("cannot_retry")
        verdict = gate.check_input(old.question.text(), subject)
        sent_before = conversation.turns.filter(client_id=client_id).first()
        if sent_before:
            return Accepted(sent_before, verdict, fresh=False)
        _refuse_unless_retryable(conversation, old, verdict)
        safety.record_verdict(
            subject_id=subject.id,
            direction="input",
            message_id=old.question_id,
            verdict=verdict,
        )
        turn = _open_turn(old.question, client_id, verdict, cursor, now)
    return Accepted(turn, verdict, fresh=True)


def _running(conversation: Conversation, now: datetime) -> Turn | None:
    """The turn that is being answered; one whose process is gone is failed first, so
    that nobody waits for it."""
    running = conversation.turns.filter(state=TurnState.RUNNING).first()
    if running and running.lease_until < now:
        running.conversation = conversation
        fail_now(running, PROCESS_LOST, now)
        return None
    return running


def _weighed(
    conversation: Conversation, subject: Subject, verdict: Verdict, now: datetime
) -> Verdict:
    """The verdict behind what came before it: an answer to the direct question of the
    card, a second sign of danger, distress that grows (CN-14, CN-16)."""
    asked = (
        fixed.QUESTIONS.get(conversation.card_text) if conversation.card_id else None
    )
    before = observing.before(subject=subject.id, asked=asked, now=now)
    return weigh(verdict, before, now)


def _refuse_while_suspended(
    conversation: Conversation, verdict: Verdict, now: datetime
) -> None:
    """A suspension closes the way to a companion only (CN-ADJ-8)."""
    always = {Action.SUPPORT, Action.EXIT, Action.DISCLOSE}
    if verdict.action in always or conversation.state != State.AI:
        return
    if strikes.suspended(subject=conversation.user_id, now=now):
        raise Refused("suspended")


def _refuse_unless_open(
    conversation: Conversation, verdict: Verdict, running: Turn | None
) -> None:
    if verdict.action is Action.SUPPORT:
        return
    if conversation.state == State.CLOSED:
        raise Refused("conversation_closed")
    if verdict.action is Action.EXIT:
        return
    if running:
        raise Refused("turn_busy")


def _refuse_unless_retryable(
    conversation: Conversation, old: Turn, verdict: Verdict
) -> None:
    newest = conversation.messages.filter(author=Author.USER).last()
    if conversation.turns.filter(state=TurnState.RUNNING).exists():
        raise Refused("turn_busy")
    if (
        conversation.state != State.AI
        or old.state == TurnState.HANDED_OVER
        or old.reason == fixed.BLOCKED
        or verdict.action not in {Action.ALLOW, Action.EASE}
        or newest is None
        or newest.pk != old.question_id
    ):
        raise Refused("cannot_retry")


def _open_turn(
    question: Message, client_id: UUID, verdict: Verdict, cursor: str, now: datetime
) -> Turn:
    return Turn.objects.create(
        conversation=question.conversation,
        question=question,
        client_id=client_id,
        cursor=cursor,
        policy=verdict.policy,
        started_at=now,
        lease_until=now + LEASE,
        # A turn that needs no model never counts as the running one.
        state=TurnState.RUNNING
        if _model_may_answer(question.conversation, verdict)
        else TurnState.HANDED_OVER,
    )


def _model_may_answer(conversation: Conversation, verdict: Verdict) -> bool:
    calm = verdict.action in {Action.ALLOW, Action.EASE}
    return calm and conversation.state == State.AI
