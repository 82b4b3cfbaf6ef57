"""The thread of one conversation as the page shows it: newest messages, in order.

Changes nothing. The words of a crisis card that stands open are left out: the card
shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from companion import frames
from companion.horizon import horizon
from companion.models import Author, Conversation, Message, Turn
from companion.protocol.events import Message as MessageFrame

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message in the thread. `turn` and `outcome` tell how the attempt ended that
    it belongs to; `alternatives` counts the replies to its question. What stands above
    a message that `begins_view` is no longer seen by the companion."""

    id: UUID
    seq: int
    author: str
    html: str
    text: str
    created_at: datetime
    day: date
    starts_day: bool
    begins_view: bool
    answers: UUID | None
    turn: UUID | None
    outcome: str
    reason: str
    alternatives: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the thread, oldest first; `earlier` when there is more above."""

    messages: list[MessageItem]
    earlier: bool


def page(
    conversation: Conversation, *, time_zone: str, before: int | None = None
) -> Page:
    """The newest PAGE_SIZE messages, or those before the message number `before`."""
    rows = conversation.messages.all()
    if conversation.card_id:
        rows = rows.exclude(pk=conversation.card_id)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    newest = list(rows.order_by("-seq")[: PAGE_SIZE + 1])
    shown = list(reversed(newest[:PAGE_SIZE]))
    turns = _turns(conversation, shown)
    zone = ZoneInfo(time_zone)
    first_seen = horizon(conversation.id)
    items: list[MessageItem] = []
    for message in shown:
        message.conversation = conversation
        last_day = items[-1].day if items else None
        items.append(_item(message, turns, zone, last_day, first_seen))
    return Page(messages=items, earlier=len(newest) > PAGE_SIZE)


def _turns(conversation: Conversation, shown: list[Message]) -> dict[UUID, list[Turn]]:
    """The turns of each question and of each reply, in order of time."""
    found: dict[UUID, list[Turn]] = {}
    ids = [message.id for message in shown]
    related = conversation.turns.filter(question__in=ids) | conversation.turns.filter(
        reply__in=ids
    )
    for turn in related.order_by("started_at"):
        found.setdefault(turn.question_id, []).append(turn)
        if turn.reply_id:
            found.setdefault(turn.reply_id, []).append(turn)
    return found


def _item(
    message: Message,
    turns: dict[UUID, list[Turn]],
    zone: ZoneInfo,
    last_day: date | None,
    first_seen: Message | None,
) -> MessageItem:
    mine = turns.get(message.id, [])
    turn = mine[-1] if mine else None
    is_reply = bool(turn and turn.reply_id == message.id)
    siblings = turns.get(turn.question_id, []) if turn else []
    shown: MessageFrame = frames.message_frame(message)
    day = timezone.localtime(message.created_at, zone).date()
    return MessageItem(
        id=message.id,
        seq=message.seq,
        author=Author(message.author).value,
        html=shown.html,
        text=shown.text,
        created_at=message.created_at,
        day=day,
        starts_day=day != last_day,
        begins_view=message == first_seen,
        answers=turn.question_id if turn and is_reply else None,
        turn=turn.id if turn else None,
        outcome=frames.OUTCOMES.get(turn.state, "") if turn else "",
        reason=turn.reason if turn else "",
        alternatives=sum(1 for sibling in siblings if sibling.reply_id),
    )
