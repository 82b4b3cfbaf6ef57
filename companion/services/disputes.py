"""“This was wrong”: the person says it of a turn, an operator reads and decides.

Words are opened only for an operator with the right who has claimed the dispute, and
the purpose is in the audit chain before (CN-24). Nobody decides about themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import gate
from accounts.models import User
from companion import fixed
from companion.models import Message, Turn, TurnState
from companion.refusal import Refused
from safety import redress
from safety.models import (
    Dispute,
    DisputeKind,
    DisputeState,
    ReadPurpose,
    Suspension,
)
from safety.redress import Decision
from vault import audit


@transaction.atomic
def dispute_turn(
    *, user: User, turn_id: UUID, may_be_example: bool, now: datetime
) -> Dispute:
    """Raises `Refused("not_found")` for a turn of somebody else, or one in which
    nothing was decided."""
    turns = Turn.objects.select_related("question", "conversation")
    turn = turns.filter(pk=turn_id, conversation__user=user).first()
    kind = kind_of(turn) if turn else None
    if turn is None or kind is None:
        raise Refused("not_found")
    target = target_of(turn)
    decision = redress.decision_about(subject=user.id, message=target)
    return redress.dispute(
        subject=user.id,
        kind=kind,
        target=target,
        decision=decision or Decision(0, (), ()),
        may_be_example=may_be_example and may_give_examples(user),
        now=now,
    )


def dispute_card(*, user: User, card: Message, now: datetime) -> None:
    """“This was wrong” on the card itself. A card that no message of theirs brought up
    (a person from the team did) has nothing that a detector decided."""
    turn = Turn.objects.filter(reply=card).first()
    if turn and kind_of(turn):
        dispute_turn(user=user, turn_id=turn.pk, may_be_example=False, now=now)


@transaction.atomic
def dispute_suspension(*, user: User, suspension_id: UUID, now: datetime) -> Dispute:
    found = Suspension.objects.filter(pk=suspension_id, subject=user.id).first()
    if found is None:
        raise Refused("not_found")
    return redress.dispute(
        subject=user.id,
        kind=DisputeKind.SUSPENSION,
        target=found.pk,
        decision=Decision(0, (), (found.reason,)),
        may_be_example=False,
        now=now,
    )


def kind_of(turn: Turn) -> DisputeKind | None:
    """What was decided in a turn; None where nothing was."""
    if turn.state == TurnState.BLOCKED:
        asked = turn.reason == fixed.BLOCKED
        return DisputeKind.BLOCK if asked else DisputeKind.REPLY
    return DisputeKind.CARD if turn.reason in fixed.CARDS else None


def target_of(turn: Turn) -> UUID:
    """The message that was judged: the person's, or the reply that was held back."""
    held_back = kind_of(turn) == DisputeKind.REPLY and turn.reply_id
    return turn.reply_id if held_back and turn.reply_id else turn.question_id


def may_give_examples(user: User) -> bool:
    """A minor cannot give their words away (CN-19)."""
    band = gate.band(user, timezone.now())
    return band is not None and not band.is_minor


def may_decide(user: User) -> bool:
    is_operator = user.is_active and user.is_staff
    return is_operator and user.has_perm("safety.decide_dispute")


@dataclass(frozen=True, slots=True)
class Opened:
    """A dispute that an operator may read now: what was said, and what was shown."""

    dispute: Dispute
    said: str
    shown: str


def claim_dispute(
    *, by: User, dispute_id: UUID, purpose: ReadPurpose, now: datetime
) -> Dispute:
    """Raises `PermissionDenied`, or `redress.Refused`."""
    _check(by, dispute_id)
    return redress.claim(dispute=dispute_id, operator=by.id, purpose=purpose, now=now)


def decide_dispute(
    *, by: User, dispute_id: UUID, was_wrong: bool, now: datetime
) -> Dispute:
    _check(by, dispute_id)
    return redress.decide(
        dispute=dispute_id, operator=by.id, was_wrong=was_wrong, now=now
    )


def open_dispute(*, by: User, dispute_id: UUID, now: datetime) -> Opened | None:
    """The words, for who has claimed the dispute and as long as the claim holds; None
    for everybody else."""
    row = Dispute.objects.filter(pk=dispute_id).first()
    if row is None or not may_decide(by) or not redress.is_claimed(row, by.id, now):
        return None
    turns = Turn.objects.select_related("question", "reply", "conversation")
    of_target = turns.filter(question=row.target) | turns.filter(reply=row.target)
    turn = of_target.order_by("started_at").first()
    if turn is None:
        return Opened(row, "", "")
    return Opened(row, _words(turn.question, turn), _words(turn.reply, turn))


def take_examples(*, actor: str) -> list[dict[str, Any]]:
    """The words of every false alarm whose person allowed it: text, language, and the
    classes that it was wrongly given. Each taking is noted in the person's chain."""
    rows = Dispute.objects.filter(
        state=DisputeState.OVERTURNED, example_allowed_at__isnull=False
    ).exclude(kind=DisputeKind.SUSPENSION)
    return [one for row in rows if (one := _example(row, actor))]


@transaction.atomic
def _example(row: Dispute, actor: str) -> dict[str, Any] | None:
    messages = Message.objects.select_related("conversation__user")
    message = messages.filter(pk=row.target).first()
    if message is None:
        return None
    audit.record(
        chain=row.subject,
        act="dispute.example_taken",
        actor=actor,
        facts={"dispute": str(row.pk)},
    )
    language = message.conversation.user.language
    return {"text": message.text(), "language": language, "not": row.labels}


def _words(message: Message | None, turn: Turn) -> str:
    if message is None:
        return ""
    message.conversation = turn.conversation
    return message.text()


def _check(by: User, dispute_id: UUID) -> None:
    own = Dispute.objects.filter(pk=dispute_id, subject=by.id).exists()
    if own or not may_decide(by):
        raise PermissionDenied
