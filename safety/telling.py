"""The steps that tell the people somebody chose: next channel, next contact, the whole
list again, at last a call by a human; and that it is over.

Each step is a duty that writes the next in its own transaction. An acknowledgement
stops what has not begun; a graver danger begins anew. Who has not agreed to be told is
told nothing, and nobody is told behind the person's back, unless an operator has said
why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet

from safety import deliveries, duties, routes
from safety.incidents.moves import locked
from safety.models import (
    Basis,
    Delivery,
    DeliveryState,
    Duty,
    DutyState,
    Incident,
    IncidentKind,
    IncidentState,
    Route,
    Routing,
)
from safety.policy import Rungs
from safety.verdict import Tier

GUARDIAN = "guardian"
ALL_CLEAR = "contact.all_clear"
TELL_PERSON = "tell_person"  # its handler stands above, in the conversation
REACHED = (DeliveryState.SENT, DeliveryState.ACKED)
LOOK_AGAIN = timedelta(seconds=5)
WHILE_IN_DANGER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    after: timedelta
    route: Route


def begin(
    *,
    incident: Incident,
    now: datetime,
    is_graver: bool = False,
    withheld: str = "",
) -> None:
    """Contacts are told from now on, once. When the danger `is_graver` than they know,
    they are told from the beginning again, whoever had answered. `withheld` is a code:
    why an operator keeps it from the person until the end. The caller holds the
    person's lock."""
    newest = _newest(incident)
    if newest and not is_graver:
        return
    duties.cancel(incident=incident, now=now, kinds=["notify"])
    first = newest.step + 1 if newest else 0
    facts = {"start": now.isoformat(), "first": first}
    if withheld:
        facts["withheld"] = withheld
    duties.write(kind="notify", step=first, due_at=now, incident=incident, facts=facts)


def has_begun(incident: Incident) -> bool:
    return _newest(incident) is not None


def _newest(incident: Incident) -> Duty | None:
    return incident.duties.filter(kind="notify").order_by("step").last()


def is_certain(incident: Incident) -> bool:
    """Whether a rule found it: a model's guess never calls a family."""
    found = incident.signals.filter(tier__gte=Tier.T2, basis=Basis.RULE)
    return found.exists()


def is_acknowledged(incident: Incident) -> bool:
    """Whether a contact has answered; an answer from before the danger became graver
    was one to something else."""
    answered = incident.deliveries.filter(
        contact__isnull=False, state=DeliveryState.ACKED
    )
    newest = _newest(incident)
    if newest and newest.facts.get("first"):
        since = datetime.fromisoformat(newest.facts["start"])
        answered = answered.filter(acked_at__gte=since)
    return answered.exists()


@duties.handler("notify")
def notify(duty: Duty, now: datetime) -> None:
    assert duty.incident_id  # noqa: S101 - written with one
    incident = locked(duty.incident_id)
    if incident.state == IncidentState.CLOSED or is_acknowledged(incident):
        return
    steps = plan(_routes(incident), Rungs(**incident.policy["contacts"]))
    number = duty.step - int(duty.facts.get("first", 0))
    if number >= len(steps):
        _owe_call(incident, now)
        return
    route = steps[number].route
    is_first = all(step.route.owner != route.owner for step in steps[:number])
    deliveries.enqueue(
        route=route,
        template=_template(incident, route, is_first=is_first),
        incident=incident,
        duty=duty,
        now=now,
    )
    if is_first and "withheld" not in duty.facts:
        tell_person(incident=incident, contact=route.owner, now=now)
    _write_next(duty, steps, incident, now)


def _template(incident: Incident, route: Route, *, is_first: bool) -> str:
    """Who was told before gets the words that say so."""
    if incident.kind != IncidentKind.REAL:
        return "contact.drill"
    if not is_first:
        return "contact.repeat"
    return "guardian.notice" if route.contact_kind == GUARDIAN else "contact.notice"


def tell_person(*, incident: Incident, contact: UUID, now: datetime) -> None:
    """The person hears of everybody who is told about them. The caller holds their
    lock."""
    if duties.is_known(TELL_PERSON) and incident.kind == IncidentKind.REAL:
        facts = {"contact": str(contact)}
        duties.write_next(kind=TELL_PERSON, due_at=now, incident=incident, facts=facts)


def _owe_call(incident: Incident, now: datetime) -> None:
    """One at a time. A call that was made was about what was known then."""
    calls = incident.duties.filter(kind="manual_call", state=DutyState.WAITING)
    if calls.exists():
        duties.hasten(incident=incident, kind="manual_call", now=now)
    else:
        duties.write_next(kind="manual_call", due_at=now, incident=incident)


def end(*, incident: Incident, now: datetime) -> None:
    """A human has closed it: whoever was told hears that it is over."""
    if incident.kind == IncidentKind.REAL and _told(incident).exists():
        duties.write(kind="all_clear", due_at=now, incident=incident)


@duties.handler("all_clear")
def all_clear(duty: Duty, now: datetime) -> datetime | None:
    """One word to each contact, by the way that reached them. Waits for a notice that
    is on its way, and as long as a new danger is open."""
    assert duty.incident_id  # noqa: S101 - written with one
    incident = locked(duty.incident_id)
    if _told(incident).filter(state=DeliveryState.SENDING).exists():
        return now + LOOK_AGAIN
    if in_new_danger(incident):
        return now + WHILE_IN_DANGER
    for route in _that_reached(incident):
        deliveries.enqueue(
            route=route, template=ALL_CLEAR, incident=incident, duty=duty, now=now
        )
    return None


def put_off(*, incident: Incident, now: datetime) -> None:
    """The word that it is over was taken back for a new danger: whoever has not had it
    hears it after that one. The caller holds the person's lock."""
    duties.write_next(kind="all_clear", due_at=now + WHILE_IN_DANGER, incident=incident)


def _told(incident: Incident) -> QuerySet[Delivery]:
    return incident.deliveries.filter(
        contact__isnull=False, state__in=[DeliveryState.SENDING, *REACHED]
    )


def in_new_danger(incident: Incident) -> bool:
    """Whether the same person has another incident that nobody has closed."""
    others = Incident.objects.filter(subject=incident.subject, kind=incident.kind)
    return others.exclude(state=IncidentState.CLOSED).exists()


def _that_reached(incident: Incident) -> list[Route]:
    """Of each contact who may still be told and has not heard that it is over: the one
    that was answered, or else the first."""
    over = incident.deliveries.filter(template=ALL_CLEAR)
    over = over.exclude(state=DeliveryState.CANCELLED)
    heard = set(over.values_list("contact", flat=True))
    allowed = {one.id: one for one in _routes(incident) if one.owner not in heard}
    found: dict[UUID, Route] = {}
    for told in _told(incident).order_by("acked_at", "created_at"):  # nulls last
        if route := allowed.get(told.route_id):
            found.setdefault(route.owner, route)
    return list(found.values())


def plan(found: list[Route], rungs: Rungs) -> list[Step]:
    """The whole list of notices, in the order of time, for routes in the order of
    contact and channel."""
    contacts = [list(one) for _, one in groupby(found, key=lambda route: route.owner)]
    first = _one_round(contacts, rungs)
    if not first:
        return []
    length = max(rungs.round, int(first[-1].after.total_seconds()) + rungs.channel)
    return [
        Step(step.after + timedelta(seconds=length * number), step.route)
        for number in range(rungs.rounds)
        for step in first
    ]


def _one_round(contacts: list[list[Route]], rungs: Rungs) -> list[Step]:
    steps = [
        Step(timedelta(seconds=place * rungs.contact + number * rungs.channel), route)
        for place, channels in enumerate(contacts)
        for number, route in enumerate(channels)
    ]
    return sorted(steps, key=lambda step: step.after)


def withdraw_guardians(*, incident: Incident) -> None:
    """What has not begun to be sent to a guardian is not sent."""
    deliveries.cancel(incident=incident, contacts=True, kind=GUARDIAN)


def fall_back(*, delivery: Delivery, now: datetime) -> None:
    """A notice could not be sent: the next step is due at once."""
    if delivery.incident and delivery.contact:
        duties.hasten(incident=delivery.incident, kind="notify", now=now)


def _routes(incident: Incident) -> list[Route]:
    found = routes.for_subject(subject=incident.subject)
    if incident.routing == Routing.GUARDIAN_IMPLICATED:
        return [route for route in found if route.contact_kind != GUARDIAN]
    return found


def _write_next(
    duty: Duty, steps: list[Step], incident: Incident, now: datetime
) -> None:
    number = duty.step + 1 - int(duty.facts.get("first", 0))
    start = datetime.fromisoformat(duty.facts["start"])
    after = steps[number].after if number < len(steps) else _end(steps, incident)
    duties.write(
        kind="notify",
        step=duty.step + 1,
        due_at=max(now, start + after),
        incident=incident,
        facts=duty.facts,
    )


def _end(steps: list[Step], incident: Incident) -> timedelta:
    return steps[-1].after + timedelta(seconds=incident.policy["contacts"]["channel"])
