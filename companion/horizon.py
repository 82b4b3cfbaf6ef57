"""Where the companion's view of a conversation begins: the horizon.

What stands above it no longer fits into a prompt. Each turn that asks a model writes
down where its view began; the newest that did not fail says where the line of the page
stands. Changes nothing.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from companion.models import Author, Message, Turn, TurnState

UNSEEN = {TurnState.HANDED_OVER, TurnState.BLOCKED, TurnState.FAILED}


def exchanges(conversation_id: UUID) -> QuerySet[Turn]:
    """The answers that a later prompt may hold, with their questions, in order."""
    told = Turn.objects.filter(conversation=conversation_id, reply__author=Author.MODEL)
    return told.exclude(state__in=UNSEEN).order_by("question__seq", "started_at")


def seen_from(conversation_id: UUID) -> int:
    """The number of the first message in the newest prompt that a model took; 0 before
    there is one. What was tried in vain narrows nobody's view."""
    asked = Turn.objects.filter(conversation=conversation_id, view_from__isnull=False)
    taken = asked.exclude(state=TurnState.FAILED)
    in_order = taken.order_by("question__seq", "started_at")
    return in_order.values_list("view_from", flat=True).last() or 0


def horizon(conversation_id: UUID) -> Message | None:
    """The first message that the companion still sees, when it once saw more. Words
    that no prompt ever held were never in view: they alone make no horizon."""
    first = seen_from(conversation_id)
    lost = exchanges(conversation_id).filter(question__seq__lt=first)
    if not lost.exists():
        return None
    still = Message.objects.filter(conversation=conversation_id, seq__gte=first)
    return still.only("id", "seq").first()
