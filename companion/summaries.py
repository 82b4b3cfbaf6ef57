"""Reads for the chat page that span rows. Changes nothing.

Everything here is asked with the owner's id: another person's conversation does
not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import gate
from accounts.models import User
from companion import takeover
from companion.models import Conversation, Message, Turn, TurnState
from companion.personas import Persona, Voice, all_personas, persona
from companion.protocol import PROTOCOL_VERSION
from companion.protocol.events import Ready
from safety import resources
from vault.sealing import SealBroken


@dataclass(frozen=True, slots=True)
class PersonaItem:
    """A persona as the page shows it, in the person's language."""

    slug: str
    category: str
    category_label: str
    face: str
    name: str
    tagline: str
    greeting: str
    starters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConversationItem:
    """A line of the sidebar. `group` is today, yesterday, week or older."""

    id: UUID
    persona: PersonaItem
    title: str
    group: str
    updated_at: datetime
    state: str
    is_current: bool
    url: str


def persona_item(who: Persona, language: str) -> PersonaItem:
    voice: Voice = who.voice(language)
    return PersonaItem(
        slug=who.slug,
        category=who.category,
        category_label=who.category_label,
        face=who.face,
        name=voice.name,
        tagline=voice.tagline,
        greeting=voice.greeting,
        starters=voice.starters,
    )


def personas(language: str) -> list[PersonaItem]:
    return [persona_item(who, language) for who in all_personas().values()]


def calls(user: User, now: datetime) -> tuple[resources.Resource, ...]:
    """Whom a telephone reaches when this site cannot be reached."""
    band = gate.assumed_band(user, now)
    return resources.calls_for(user.region, user.language, band)


def owns(user_id: UUID, conversation_id: UUID) -> bool:
    return Conversation.objects.filter(pk=conversation_id, user_id=user_id).exists()


def has_turn(conversation_id: UUID, turn_id: UUID) -> bool:
    return Turn.objects.filter(pk=turn_id, conversation_id=conversation_id).exists()


def running_turn(conversation_id: UUID) -> Turn | None:
    return Turn.objects.filter(
        conversation_id=conversation_id, state=TurnState.RUNNING
    ).first()


def ready(conversation_id: UUID) -> Ready:
    rows = Conversation.objects.select_related("user")
    conversation = rows.get(pk=conversation_id)
    running = running_turn(conversation_id)
    return Ready(
        protocol=PROTOCOL_VERSION,
        state=conversation.state,
        live_turn=running.id if running else None,
        latest=conversation.messages.values_list("id", flat=True).last(),
        takeover=takeover.strip(conversation, timezone.now()),
    )


def conversations(
    *, user: User, now: datetime, current: UUID | None = None
) -> list[ConversationItem]:
    """The person's conversations that have a message, newest first."""
    spoken = Message.objects.filter(conversation=OuterRef("pk"))
    rows = user.conversations.filter(Exists(spoken))
    return [
        conversation_item(row, user=user, now=now, current=current)
        for row in rows.order_by("-updated_at")[:200]
    ]


def conversation_item(
    row: Conversation, *, user: User, now: datetime, current: UUID | None
) -> ConversationItem:
    return ConversationItem(
        id=row.id,
        persona=persona_item(persona(row.persona), user.language),
        title=_title(row),
        group=_group(row.updated_at, now, ZoneInfo(user.time_zone)),
        updated_at=row.updated_at,
        state=row.state,
        is_current=row.id == current,
        url=row.get_absolute_url(),
    )


def _title(row: Conversation) -> str:
    try:
        return row.title()
    except SealBroken:
        return ""


def _group(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """By the person's own calendar days."""
    days = (now.astimezone(zone).date() - at.astimezone(zone).date()).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return "week" if timedelta(days=days) <= timedelta(days=7) else "older"
