"""The acts that end a turn: finish, fail what was lost, fall silent for a person.

A turn ends once; who comes second changes nothing. The door of the engine stands here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from companion.dialogue import MODEL_MAY_SPEAK
from companion.models import Author, Conversation, Turn, TurnState
from companion.services.conversations import append
from safety import services as safety
from safety.verdict import Verdict
from vault import audit

LEASE = timedelta(seconds=15)
PROCESS_LOST = "process_lost"
A_PERSON = "takeover"


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What made a reply: model, prompt, sampling, and where its view began."""

    model: str = ""
    prompt_version: str = ""
    sampling: dict[str, float | None] = field(default_factory=dict)
    view_from: int | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


def finish(
    *,
    turn: Turn,
    text: str,
    state: TurnState,
    reason: str,
    made_by: MadeBy,
    verdict: Verdict,
    now: datetime,
) -> bool:
    """Store the reply and end the turn. False when the turn had ended already
    (its lease lapsed and someone marked it failed): then nothing is changed."""
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(
            pk=turn.conversation_id
        )
        if not _end(turn, state, reason, made_by, now):
            return False
        if text:
            turn.reply = append(conversation, Author.MODEL, text, now)
            turn.save(update_fields=["reply"])
        safety.record_verdict(
            subject_id=conversation.user_id,
            direction="output",
            message_id=turn.reply_id or turn.id,
            verdict=verdict,
        )
    return True


def renew_lease(*, turn_id: UUID, now: datetime) -> bool:
    """False when the turn has ended: whoever runs it stops."""
    running = Turn.objects.filter(id=turn_id, state=TurnState.RUNNING)
    return bool(running.update(lease_until=now + LEASE))


def enter_engine(*, turn: Turn, now: datetime) -> bool:
    """The door of the engine: whether `turn` may ask a model now (CN-17).

    It holds the row of the conversation, as everybody does who lets a person in: one of
    the two comes first. A person who comes later ends the turn that is under way.
    """
    with transaction.atomic():
        rows = Conversation.objects.select_for_update()
        conversation = rows.get(pk=turn.conversation_id)
        running = conversation.turns.filter(pk=turn.pk, state=TurnState.RUNNING)
        if conversation.state in MODEL_MAY_SPEAK:
            return running.exists()
        _end(turn, TurnState.HANDED_OVER, A_PERSON, MadeBy(), now)
    return False


def silence(conversation: Conversation, now: datetime) -> Turn | None:
    """End the turn that is being answered, because a person comes in: nothing more of
    it is stored. The caller holds the conversation's row lock."""
    running = conversation.turns.filter(state=TurnState.RUNNING).first()
    if running and _end(running, TurnState.HANDED_OVER, A_PERSON, MadeBy(), now):
        return running
    return None


def fail_orphans(*, now: datetime, conversation_id: UUID | None = None) -> list[Turn]:
    """Mark running turns whose process is gone as failed, so that they can be
    retried. Returns those that this call marked."""
    lapsed = Turn.objects.filter(state=TurnState.RUNNING, lease_until__lt=now)
    if conversation_id:
        lapsed = lapsed.filter(conversation_id=conversation_id)
    found = list(lapsed.select_related("conversation", "question"))
    return [turn for turn in found if fail_now(turn, PROCESS_LOST, now)]


def fail(*, turn_id: UUID, reason: str, now: datetime) -> Turn | None:
    """End a running turn that broke. None when it had ended already."""
    found = Turn.objects.filter(pk=turn_id, state=TurnState.RUNNING)
    turn = found.select_related("conversation", "question").first()
    if turn is None or not fail_now(turn, reason, now):
        return None
    return turn


def fail_now(turn: Turn, reason: str, now: datetime) -> bool:
    with transaction.atomic():
        ended = _end(turn, TurnState.FAILED, reason, MadeBy(), now)
        if ended:
            audit.record(
                chain=turn.conversation.user_id,
                act="turn.failed",
                actor="companion",
                facts={"turn": str(turn.pk), "reason": reason},
            )
    return ended


def _end(
    turn: Turn, state: TurnState, reason: str, made_by: MadeBy, now: datetime
) -> bool:
    """Claim the end of a running turn."""
    ended = Turn.objects.filter(pk=turn.pk, state=TurnState.RUNNING).update(
        state=state, reason=reason, ended_at=now, **asdict(made_by)
    )
    if ended:
        turn.state, turn.reason, turn.ended_at = state, reason, now
    return bool(ended)
