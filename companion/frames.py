"""From rows to frames of the socket: what the page is told about a message or a turn.

Reads rows, changes none. A message whose seal is broken is said to be so.
"""

import logging
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import gate
from companion import contacts_told, fixed, rendering
from companion.dialogue import State
from companion.horizon import horizon
from companion.models import Author, Conversation, Message, Turn, TurnState
from companion.protocol.events import (
    CrisisCard,
    Event,
    Notice,
    Resource,
    SessionClosed,
    TurnDone,
)
from companion.protocol.events import Message as MessageFrame
from companion.protocol.frame import Author as AuthorCode
from companion.protocol.frame import Outcome
from safety import resources, texts
from safety.verdict import AgeBand
from vault.sealing import SealBroken

log = logging.getLogger(__name__)
AUTHORS: dict[str, AuthorCode] = {
    Author.USER: "user",
    Author.MODEL: "model",
    Author.SYSTEM: "system",
    Author.HUMAN: "human",
}
OUTCOMES: dict[str, Outcome] = {
    TurnState.DONE: "done",
    TurnState.STOPPED: "stopped",
    TurnState.BLOCKED: "blocked",
    TurnState.HANDED_OVER: "handed_over",
    TurnState.FAILED: "failed",
}


def question_frame(turn: Turn) -> MessageFrame:
    """The committed message of the person; the page shows it as sent."""
    return message_frame(turn.question, turn=turn.id, client_id=turn.client_id)


def message_frame(
    message: Message,
    *,
    turn: UUID | None = None,
    client_id: UUID | None = None,
    answers: UUID | None = None,
    outcome: Outcome | None = None,
) -> MessageFrame:
    text = readable(message)
    markdown = message.author == Author.MODEL
    render = rendering.reply_html if markdown else rendering.plain_html
    return MessageFrame(
        id=message.id,
        author=AUTHORS[message.author],
        html=render(text),
        text=text,
        created_at=message.created_at.isoformat(),
        client_id=client_id,
        answers=answers,
        turn=turn,
        outcome=outcome,
    )


def readable(message: Message) -> str:
    """The text, or words that say that it cannot be shown."""
    try:
        return message.text()
    except SealBroken:
        log.error("seal of message %s is broken", message.id)
        return _("This message cannot be shown.")


def done_frame(turn: Turn) -> TurnDone:
    """The one terminal event of an ended turn."""
    outcome = OUTCOMES[turn.state]
    reply = None
    if turn.reply:
        reply = message_frame(
            turn.reply, turn=turn.id, answers=turn.question_id, outcome=outcome
        )
    still_seen = horizon(turn.conversation_id)
    return TurnDone(
        turn=turn.id,
        outcome=outcome,
        reason=turn.reason,
        message=reply,
        horizon=still_seen.id if still_seen else None,
    )


def card_frame(conversation: Conversation, language: str) -> CrisisCard | None:
    """The crisis card that stands open, with the numbers of the person's region."""
    if conversation.card_id is None:
        return None
    words = texts.get(conversation.card_text, language)
    user = conversation.user
    band = gate.assumed_band(user, timezone.now())
    return CrisisCard(
        id=conversation.card_id,
        title=words.title,
        body=words.body,
        question=words.question,
        resources=[
            Resource(name=r.name, detail=r.detail, label=r.label, href=r.href)
            for r in _numbers(conversation, language, band)
        ],
        text_version=words.version,
        told=contacts_told.line(user, language),
    )


def _numbers(
    conversation: Conversation, language: str, band: AgeBand
) -> tuple[resources.Resource, ...]:
    """Those that help in this danger."""
    region = conversation.user.region
    if conversation.card_text in fixed.LOSS_CARDS:
        return resources.for_loss(region, language)
    return resources.for_person(region, language, band)


def card_data(conversation: Conversation, language: str) -> dict[str, Any] | None:
    """The open card as plain data for the page."""
    card = card_frame(conversation, language)
    return msgspec.to_builtins(card) if card else None


def dependence_frame(language: str) -> Notice:
    """Asks the page to show the notice of dependence, to be acknowledged (CN-30)."""
    words = texts.get("notice.dependence", language)
    return Notice(title=words.title, body=words.body, text_version=words.version)


def closed_frame(language: str) -> SessionClosed:
    return SessionClosed(reason="exit", text=texts.get("exit.farewell", language).body)


def fixed_frames(turn: Turn, language: str) -> list[Event]:
    """Everything that follows a message answered without a model. The card comes
    first: nothing stands between a person in danger and the numbers."""
    card = card_frame(turn.conversation, language)
    shown: list[Event] = []
    if card and turn.reply_id == card.id:
        shown.append(card)
        shown.append(TurnDone(turn=turn.id, outcome="handed_over", reason=turn.reason))
    else:
        shown.append(done_frame(turn))
    if turn.conversation.state == State.CLOSED:
        shown.append(closed_frame(language))
    return shown
