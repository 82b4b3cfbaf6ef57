"""The acts on a whole conversation: start, leave, put the crisis card away.

Each checks the right, changes the rows and writes the audit entry in one transaction.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from companion.dialogue import Event, State, move
from companion.models import Answer, Author, Conversation, Message
from companion.personas import all_personas
from companion.refusal import Refused
from companion.services.disputes import dispute_card
from vault import audit


def start_conversation(*, user: User, persona: str, now: datetime) -> Conversation:
    """Raises `Refused("not_found")` for a persona that does not exist."""
    if persona not in all_personas():
        raise Refused("not_found")
    with transaction.atomic():
        conversation = Conversation.objects.create(
            user=user, persona=persona, updated_at=now
        )
        audit.record(
            chain=user.id,
            act="conversation.started",
            actor=str(user.id),
            facts={"conversation": str(conversation.id), "persona": persona},
        )
    return conversation


def leave(*, user_id: UUID, conversation_id: UUID, now: datetime) -> Conversation:
    """The exit button: close at once, from any state (CN-32)."""
    with transaction.atomic():
        conversation = locked(user_id, conversation_id)
        move(conversation=conversation, event=Event.EXIT)
        audit.record(
            chain=user_id,
            act="conversation.left",
            actor=str(user_id),
            facts={"conversation": str(conversation.id)},
        )
    return conversation


def put_card_away(
    *, user_id: UUID, conversation_id: UUID, reason: str
) -> Message | None:
    """The person says "I am safe" or "this was wrong". Gives the fixed words that
    stay in the thread in the card's place; None when there was no card.

    Where nobody has come yet, the companion goes on; the case stays with the team, who
    see what the person said. Where a person of the team is there, they stay.
    """
    with transaction.atomic():
        conversation = locked(user_id, conversation_id)
        card, conversation.card = conversation.card, None
        if card is None:
            return None
        conversation.save(update_fields=["card"])
        if conversation.state in {State.SUPPORT, State.WAITING_HUMAN}:
            move(conversation=conversation, event=Event.RESOLVED)
            offered = conversation.takeovers.filter(answer=Answer.NONE)
            offered.update(answer=Answer(reason))
        newest = conversation.takeovers.last()
        audit.record(
            chain=user_id,
            act="support.left",
            actor=str(user_id),
            facts={
                "conversation": str(conversation.id),
                "incident": str(newest.incident) if newest else None,
                "reason": reason,
            },
        )
        if reason == "wrong":
            dispute_card(user=conversation.user, card=card, now=timezone.now())
    return card


def locked(user_id: UUID, conversation_id: UUID) -> Conversation:
    """The person's own conversation, locked. Someone else's does not exist."""
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=conversation_id, user_id=user_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def append(
    conversation: Conversation,
    author: Author,
    text: str,
    now: datetime,
    *,
    id: UUID | None = None,
) -> Message:
    """The caller holds the conversation's row lock."""
    conversation.updated_at = now
    conversation.save(update_fields=["updated_at"])
    return Message.written(
        conversation=conversation, author=author, text=text, at=now, id=id
    )
