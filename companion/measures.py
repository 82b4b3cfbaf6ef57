"""How long people in danger had to wait for the first word, beside what safety knows.

The first word is the card: it ends the turn of the message that showed the danger.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from companion.models import Turn
from safety import measures
from safety.measures import Measure
from safety.models import Incident, IncidentKind, Signal
from safety.verdict import Tier

PERIOD = timedelta(days=30)


def recent(now: datetime, kind: IncidentKind = IncidentKind.REAL) -> list[Measure]:
    """Of the last thirty days, in the order in which people wait."""
    found = measures.rows(since=now - PERIOD, kind=kind)
    every = [first_word(found, now), *measures.all_of(found, now)]
    return sorted(every, key=lambda one: measures.ORDER.index(one.id))


def first_word(found: QuerySet[Incident], now: datetime) -> Measure:
    return measures.made("first_word", _waits(found), now)


def _waits(
    found: QuerySet[Incident],
) -> Iterable[tuple[UUID, datetime, datetime | None]]:
    """From the committed message to the end of its turn, for the first message of each
    incident; one whose conversation was deleted meanwhile is left out."""
    signals = Signal.objects.filter(incident__in=found, tier__gte=Tier.T2)
    first: dict[UUID, UUID] = {}
    for incident, message in signals.order_by("at").values_list("incident", "message"):
        first.setdefault(incident, message)
    turns = Turn.objects.filter(question__in=first.values()).order_by("started_at")
    spoken = turns.values_list("question", "question__created_at", "ended_at")
    words = {question: (asked, ended) for question, asked, ended in reversed(spoken)}
    for incident, message in first.items():
        if message in words:
            yield incident, *words[message]
