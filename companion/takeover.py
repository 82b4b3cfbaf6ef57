"""Who of the team is there or asked for: what the page is told of it, and the duties
that keep a conversation in line with its case and tell the person who else is told.

Changes rows through the services only. What is told is told after the commit; a tab
that hears nothing finds it in the database with its next hello.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from companion import frames, stream
from companion.dialogue import State
from companion.models import Author, Conversation, Takeover, Turn
from companion.protocol.events import (
    Event,
    TakeoverJoined,
    TakeoverLeft,
    TakeoverRead,
    TakeoverTyping,
    TakeoverWaiting,
)
from companion.services import takeover as services
from companion.services.takeover import Changed
from companion.services.told import say_who_is_told
from companion.stream import Channel
from safety import roster, texts
from safety.models import Duty, ShiftRole

TELL_DIALOGUE = "tell_dialogue"


def tell_dialogue(duty: Duty, now: datetime) -> None:
    """The handler of the duty: the case has changed. Harmless to repeat."""
    if duty.incident_id is None:
        return
    changed = services.line_up(incident_id=duty.incident_id, now=now)
    transaction.on_commit(partial(tell, changed, now), robust=True)


def tell_person(duty: Duty, now: datetime) -> None:
    """The handler of the duty: a contact is being told, and the person hears of it."""
    if duty.incident_id is None:
        return
    contact = UUID(duty.facts["contact"])
    changed = say_who_is_told(incident_id=duty.incident_id, contact_id=contact, now=now)
    transaction.on_commit(partial(tell, changed, now), robust=True)


def tell(changed: Iterable[Changed], now: datetime) -> None:
    """Tell the tabs of each conversation what stands now, and what was said.

    What stands is read anew: a card that the person has put away since the commit must
    not come back. No row is held while Redis may keep this waiting.
    """
    for one in changed:
        channel = channel_of(one.conversation)
        one.conversation.refresh_from_db()
        if one.silenced:
            stream.stop_now(one.silenced.id)
            stream.publish_now(channel, frames.done_frame(one.silenced))
        for message in one.messages:
            stream.publish_now(channel, frames.message_frame(message))
        card = frames.card_frame(one.conversation, one.conversation.user.language)
        if card:
            stream.publish_now(channel, card)
        stream.publish_now(channel, standing(one.conversation, now))


def after_danger(turn: Turn, now: datetime) -> list[Event]:
    """What follows the card: who comes, and words that marked it in the thread."""
    conversation = turn.conversation
    later = conversation.messages.filter(
        author=Author.SYSTEM, seq__gt=turn.question.seq
    )
    marks = [frames.message_frame(told) for told in later if told.pk != turn.reply_id]
    return [*marks, standing(conversation, now)]


def standing(conversation: Conversation, now: datetime) -> Event:
    """What a tab is told that may know nothing, or something older."""
    state = conversation.state
    return strip(conversation, now) or TakeoverLeft(state=state)


def strip(
    conversation: Conversation, now: datetime
) -> TakeoverWaiting | TakeoverJoined | None:
    """The strip above the thread: who is there, or that nobody is yet."""
    if conversation.state not in services.WITH_PERSON:
        return None
    language = conversation.user.language
    takeover = conversation.takeovers.select_related("operator").last()
    if takeover is None:
        return None
    if conversation.state == State.HUMAN and takeover.joined_at:
        return _joined(takeover, takeover.joined_at, language)
    staffed = bool(roster.on_duty(now=now, role=ShiftRole.RESPONDER))
    words = texts.get("takeover.waiting" if staffed else "takeover.nobody", language)
    return TakeoverWaiting(
        staffed=staffed,
        title=words.title,
        body=words.body,
        since=takeover.asked_at.isoformat(),
    )


def strip_data(conversation: Conversation, now: datetime) -> dict[str, Any] | None:
    """The strip as plain data for the page."""
    shown = strip(conversation, now)
    return msgspec.to_builtins(shown) if shown else None


def _joined(takeover: Takeover, since: datetime, language: str) -> TakeoverJoined:
    name = services.duty_name(takeover.operator, language)
    words = texts.get("takeover.joined", language)
    return TakeoverJoined(
        name=name,
        title=words.title.replace("{name}", name),
        body=words.body,
        since=since.isoformat(),
    )


def may_ask(conversation: Conversation) -> bool:
    """Whether the person declined before and may have changed their mind."""
    newest = conversation.takeovers.last()
    return newest is not None and not newest.is_welcome


def tell_typing(conversation: Conversation) -> None:
    """The person of the team is writing."""
    stream.whisper(channel_of(conversation), TakeoverTyping())


def tell_read(takeover: Takeover) -> None:
    """The person of the team has read so far."""
    conversation = takeover.conversation
    seen = conversation.messages.filter(seq__lte=takeover.read_by_operator).last()
    if seen:
        stream.publish_now(channel_of(conversation), TakeoverRead(message=seen.id))


def channel_of(conversation: Conversation) -> Channel:
    return Channel(conversation=conversation.id, owner=conversation.user_id)
