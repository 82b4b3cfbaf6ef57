"""Whether people outside are being told, in fixed words for the crisis card (CN-16).

Reads the open case of the person and changes nothing. Says who and why, before anybody
has to ask; only what an operator withholds for a reason is not said here.
"""

from accounts.models import Contact, ContactKind, ContactState, User
from safety import texts
from safety.models import (
    DeliveryState,
    DutyState,
    Incident,
    IncidentKind,
    IncidentState,
    Routing,
)
from vault.sealing import SealBroken


def line(user: User, language: str) -> str:
    """ "" while nobody is being told."""
    case = Incident.objects.filter(subject=user.id, kind=IncidentKind.REAL)
    opened = case.exclude(state=IncidentState.CLOSED).first()
    if opened is None:
        return ""
    begun = opened.duties.filter(kind="notify").exclude(state=DutyState.CANCELLED)
    openly = begun.exclude(facts__has_key="withheld")
    names = _names(user, opened) if openly.exists() else []
    if not names:
        return ""
    comma = "、" if language == "zh-hans" else ", "
    return texts.get("crisis.told", language).body.replace("{name}", comma.join(names))


def _names(user: User, case: Incident) -> list[str]:
    """Of who agreed to be told and already is, or is the next; never a guardian who may
    be part of the danger."""
    rows = user.contacts.filter(state=ContactState.CONFIRMED).order_by("place")
    if case.routing == Routing.GUARDIAN_IMPLICATED:
        rows = rows.exclude(kind=ContactKind.GUARDIAN)
    begun = case.deliveries.exclude(state=DeliveryState.CANCELLED)
    told = set(begun.values_list("contact", flat=True))
    reached = [contact for contact in rows if contact.id in told] or list(rows[:1])
    return [name for name in map(_name, reached) if name]


def _name(contact: Contact) -> str:
    try:
        return contact.name
    except SealBroken:
        return ""
