"""The states of an incident and the only moves between them, each with its entry in
the audit chain and word to whoever keeps the dialogue in line with it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from safety import duties
from safety.models import Incident, IncidentKind, IncidentState
from vault import audit

TELL_DIALOGUE = "tell_dialogue"  # its handler stands above, in the conversation
State = IncidentState


class Event(models.TextChoices):
    OFFER = "offered"
    UNANSWERED = "unanswered"
    EXHAUSTED = "all_hands"
    CLAIM = "claimed"
    TRANSFER = "transferred"
    LAPSE = "lapsed"
    CLOSE = "closed"


MOVES: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.OFFER): State.OFFERED,
    (State.OPEN, Event.UNANSWERED): State.SUPERVISOR,
    (State.OPEN, Event.EXHAUSTED): State.ALL_HANDS,
    (State.OPEN, Event.CLAIM): State.HUMAN,
    (State.OFFERED, Event.UNANSWERED): State.SUPERVISOR,
    (State.OFFERED, Event.EXHAUSTED): State.ALL_HANDS,
    (State.OFFERED, Event.CLAIM): State.HUMAN,
    (State.SUPERVISOR, Event.EXHAUSTED): State.ALL_HANDS,
    (State.SUPERVISOR, Event.CLAIM): State.HUMAN,
    (State.ALL_HANDS, Event.CLAIM): State.HUMAN,
    (State.HUMAN, Event.TRANSFER): State.HUMAN,
    (State.HUMAN, Event.LAPSE): State.OFFERED,
    (State.HUMAN, Event.CLOSE): State.CLOSED,
}


class IllegalMove(Exception):
    """The table has no such move."""


def locked(incident_id: UUID) -> Incident:
    """The incident, for this transaction alone. The person is locked first, as
    everywhere."""
    subject = Incident.objects.values_list("subject", flat=True).get(pk=incident_id)
    audit.lock(chain=subject)
    return Incident.objects.select_for_update().get(pk=incident_id)


def may(incident: Incident, event: Event) -> bool:
    return (State(incident.state), event) in MOVES


def move(
    incident: Incident, event: Event, *, actor: str, now: datetime, **changes: Any
) -> None:
    """The caller holds the lock. Raises `IllegalMove`, and then changes nothing."""
    old = State(incident.state)
    new = MOVES.get((old, event))
    if new is None:
        raise IllegalMove(f"{old} has no move for {event}")
    for name, value in changes.items():
        setattr(incident, name, value)
    incident.state = new
    incident.save(update_fields=["state", *changes])
    note(incident, event.value, actor=actor, state=new.value)
    tell_dialogue(incident, now=now)


def note(incident: Incident, act: str, *, actor: str, **facts: str | int) -> None:
    """The entry of an act. A test of the chain concerns nobody and leaves none."""
    if incident.kind != IncidentKind.CANARY:
        audit.record(
            chain=incident.subject,
            act=f"incident.{act}",
            actor=actor,
            facts={"incident": str(incident.id), **facts},
        )


def tell_dialogue(incident: Incident, *, now: datetime) -> None:
    if duties.is_known(TELL_DIALOGUE) and incident.kind != IncidentKind.CANARY:
        duties.write_next(kind=TELL_DIALOGUE, due_at=now, incident=incident)
