"""The states of a conversation and the only moves between them.

A move claims the row: it updates where the old state still stands, so that two
processes can never both win. Only risk leads out of CLOSED, and nothing but an
operator's hand-back leads from HUMAN to AI (CN-17).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from companion.models import Conversation


class State(models.TextChoices):
    AI = "ai", _("with the companion")
    SUPPORT = "support", _("fixed words, the companion is silent")
    WAITING_HUMAN = "waiting_human", _("waiting for a person")
    HUMAN = "human", _("with a person from the team")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")


class Event(models.TextChoices):
    RISK = "risk", _("a message showed danger")
    EXIT = "exit", _("the person left")
    RESOLVED = "resolved", _("the person put the crisis card away")
    OFFER = "offer", _("a person from the team was asked to come")
    CLAIM = "claim", _("a person from the team came")
    LAPSE = "lapse", _("the person from the team was lost")
    HAND_BACK = "hand_back", _("the person from the team handed back")
    DECLINE = "decline", _("the person wants nobody from the team")


MOVES: dict[tuple[State, Event], State] = {
    (State.AI, Event.RISK): State.SUPPORT,
    (State.SUPPORT, Event.RISK): State.SUPPORT,
    (State.PAUSED, Event.RISK): State.SUPPORT,
    (State.CLOSED, Event.RISK): State.SUPPORT,
    (State.WAITING_HUMAN, Event.RISK): State.WAITING_HUMAN,
    (State.HUMAN, Event.RISK): State.HUMAN,
    (State.AI, Event.EXIT): State.CLOSED,
    (State.SUPPORT, Event.EXIT): State.CLOSED,
    (State.PAUSED, Event.EXIT): State.CLOSED,
    (State.WAITING_HUMAN, Event.EXIT): State.CLOSED,
    (State.HUMAN, Event.EXIT): State.CLOSED,
    (State.CLOSED, Event.EXIT): State.CLOSED,
    (State.SUPPORT, Event.RESOLVED): State.AI,
    (State.WAITING_HUMAN, Event.RESOLVED): State.AI,
    (State.SUPPORT, Event.OFFER): State.WAITING_HUMAN,
    (State.AI, Event.CLAIM): State.HUMAN,
    (State.SUPPORT, Event.CLAIM): State.HUMAN,
    (State.PAUSED, Event.CLAIM): State.HUMAN,
    (State.WAITING_HUMAN, Event.CLAIM): State.HUMAN,
    (State.HUMAN, Event.LAPSE): State.WAITING_HUMAN,
    (State.HUMAN, Event.HAND_BACK): State.AI,
    (State.WAITING_HUMAN, Event.HAND_BACK): State.AI,
    (State.SUPPORT, Event.HAND_BACK): State.AI,
    (State.HUMAN, Event.DECLINE): State.SUPPORT,
    (State.WAITING_HUMAN, Event.DECLINE): State.SUPPORT,
}
MODEL_MAY_SPEAK = frozenset({State.AI})


class IllegalMove(Exception):
    """The table has no such move."""


class StaleState(Exception):
    """Somebody else moved the conversation first."""


def move(*, conversation: Conversation, event: Event) -> State:
    """Apply `event`; raises `IllegalMove` or `StaleState`, and then changes nothing."""
    old = State(conversation.state)
    new = MOVES.get((old, event))
    if new is None:
        raise IllegalMove(f"{old} has no move for {event}")
    rows = type(conversation).objects.filter(pk=conversation.pk, state=old)
    if rows.update(state=new) != 1:
        raise StaleState(conversation.pk)
    conversation.state = new
    return new
