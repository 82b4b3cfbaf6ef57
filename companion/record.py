"""What was done for a person and why, in plain words, for their own page.

Read from the rows of their cases and from their own audit chain; changes nothing. No
word of a conversation stands here, and no diagnosis: only acts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Contact, User
from companion.services.cases import Reason
from companion.services.takeover import duty_name
from safety import telling
from safety.models import Delivery, DeliveryState, Incident, IncidentKind, Severity
from safety.told import kept_from_person
from vault.models import AuditEntry
from vault.sealing import SealBroken

CASES = 20
WHY: dict[int, Promise] = {
    Severity.WATCH: gettext_lazy(
        "Several of your messages sounded very heavy. Somebody from our team may look "
        "whether you need help."
    ),
    Severity.HIGH: gettext_lazy(
        "A message sounded like a wish to die, like harm to yourself or like another "
        "grave danger. A program noticed that by its words; it may be wrong."
    ),
    Severity.IMMINENT: gettext_lazy(
        "A message sounded like immediate danger to a life. A program noticed that by "
        "its words; it may be wrong."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was done. `who` is service, team, contact or you."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    code: str
    opened_at: datetime
    is_open: bool
    why: str
    lines: list[Line]


def cases(user: User) -> list[Case]:
    """Newest first; each with everything that was done, in order."""
    rows = Incident.objects.filter(subject=user.id, kind=IncidentKind.REAL)
    return [_case(row, user) for row in rows.order_by("-opened_at")[:CASES]]


def _case(row: Incident, user: User) -> Case:
    found = [*_acts(row, user), *_notices(row)]
    return Case(
        code=row.code,
        opened_at=row.opened_at,
        is_open=row.closed_at is None,
        why=str(WHY[row.severity]),
        lines=sorted(found, key=lambda line: line.at),
    )


def _acts(row: Incident, user: User) -> Iterable[Line]:
    names = _Names(user.language)
    for entry in _entries(row, user).filter(act__in=ACTS):
        if _is_withheld(entry.facts, row):
            continue
        who, say = ACTS[entry.act]
        facts = {"reason": row.closed_reason} | entry.facts
        yield Line(entry.at, who, say(names(entry.actor), facts))


def _entries(row: Incident, user: User) -> QuerySet[AuditEntry]:
    of_case = AuditEntry.objects.filter(chain=str(user.id), facts__incident=str(row.id))
    return of_case.order_by("seq")


def _is_withheld(facts: dict[str, Any], row: Incident) -> bool:
    """An operator has said why the person does not read this before the end."""
    return "withheld" in facts and row.closed_at is None


class _Names:
    """Of operators, as the person knows them; each looked up once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.known: dict[str, str] = {}

    def __call__(self, actor: str) -> str:
        if actor not in self.known:
            self.known[actor] = duty_name(_user(actor), self.language)
        return self.known[actor]


def _user(actor: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(actor)).first()
    except ValueError:
        return None


def _opened(name: str, facts: dict[str, Any]) -> str:
    if facts.get("severity") == Severity.WATCH:
        return _("Our team was asked to look. The companion went on, more carefully.")
    return _(
        "The help lines were shown, the companion fell silent, and our team was asked "
        "to send a person."
    )


def _closed(name: str, facts: dict[str, Any]) -> str:
    reason = facts.get("reason", "")
    if reason not in Reason.values:
        return _("%(name)s from our team closed this.") % {"name": name}
    why = Reason(str(reason)).label
    return _("%(name)s from our team closed this: %(why)s.") % {
        "name": name,
        "why": why,
    }


def _decided(text: Promise) -> Callable[[str, dict[str, Any]], str]:
    """What was kept from the person is said to have been, not why: who made it
    necessary may read along."""

    def say(name: str, facts: dict[str, Any]) -> str:
        told = str(text) % {"name": name}
        if "withheld" not in facts:
            return told
        return f"{told} {_('For your own safety you read this only after the end.')}"

    return say


def _card_away(name: str, facts: dict[str, Any]) -> str:
    if facts.get("reason") == "wrong":
        return _("You said that this was wrong. Our team sees that.")
    return _("You said that you are safe now.")


def _by(text: Promise) -> Callable[[str, dict[str, Any]], str]:
    return lambda name, facts: str(text) % {"name": name}


Told = tuple[str, Callable[[str, dict[str, Any]], str]]
ACTS: dict[str, Told] = {
    "incident.opened": ("service", _opened),
    "incident.unanswered": (
        "service",
        _by(
            gettext_lazy(
                "Nobody was on duty or had come in time: the next one of our team was "
                "called."
            )
        ),
    ),
    "incident.all_hands": (
        "service",
        _by(gettext_lazy("Still nobody had come: everybody of our team was called.")),
    ),
    "incident.claimed": (
        "team",
        _by(gettext_lazy("%(name)s from our team took this on.")),
    ),
    "incident.transferred": (
        "team",
        _by(gettext_lazy("%(name)s from our team passed this on to somebody else.")),
    ),
    "incident.lapsed": (
        "service",
        _by(gettext_lazy("The connection to our team broke off; we asked once more.")),
    ),
    "incident.called": (
        "team",
        _by(gettext_lazy("%(name)s from our team made a telephone call for you.")),
    ),
    "incident.lowered": (
        "team",
        _by(gettext_lazy("%(name)s from our team judged the danger to be smaller.")),
    ),
    "incident.guardian_implicated": (
        "team",
        _by(gettext_lazy("%(name)s from our team decided not to tell your guardian.")),
    ),
    "incident.closed": ("team", _closed),
    "transcript.opened": (
        "team",
        _by(gettext_lazy("%(name)s from our team read this conversation.")),
    ),
    "case.note": (
        "team",
        _by(gettext_lazy("%(name)s wrote a note for the team.")),
    ),
    "case.question": (
        "team",
        _by(gettext_lazy("%(name)s asked a colleague for a second opinion.")),
    ),
    "case.opinion": (
        "team",
        _by(gettext_lazy("%(name)s gave a second opinion.")),
    ),
    "incident.contacts_told": (
        "team",
        _decided(gettext_lazy("%(name)s from our team decided to tell your contacts.")),
    ),
    "contact.told_unconfirmed": (
        "team",
        _decided(
            gettext_lazy(
                "%(name)s from our team decided to write to a contact who had not "
                "agreed yet."
            )
        ),
    ),
    "takeover.declined": (
        "you",
        _by(gettext_lazy("You wanted nobody from our team to write.")),
    ),
    "takeover.asked": (
        "you",
        _by(gettext_lazy("You asked for a person after all.")),
    ),
    "support.left": ("you", _card_away),
}
TOLD: dict[str, Promise] = {
    DeliveryState.PENDING: gettext_lazy("%(name)s is about to be told."),
    DeliveryState.SENDING: gettext_lazy("%(name)s is being told."),
    DeliveryState.SENT: gettext_lazy(
        "%(name)s was told that you may need somebody. Nothing of what you wrote was "
        "passed on."
    ),
    DeliveryState.DEAD: gettext_lazy("%(name)s could not be reached this way."),
}


def _notices(row: Incident) -> Iterable[Line]:
    """Who outside was told, and whether they answered."""
    kept = kept_from_person(incident=row)
    for sent in row.deliveries.filter(contact__isnull=False).exclude(pk__in=kept):
        name = _contact(sent)
        state = DeliveryState.SENT if sent.acked_at else sent.state
        if sent.template == telling.ALL_CLEAR:
            yield from _all_clear(sent, name)
        elif state in TOLD:
            at = sent.sent_at or sent.created_at
            yield Line(at, "contact", str(TOLD[state]) % {"name": name})
        if sent.acked_at:
            text = _("%(name)s confirmed: I have read it and look after this.")
            yield Line(sent.acked_at, "contact", text % {"name": name})


def _all_clear(sent: Delivery, name: str) -> Iterable[Line]:
    if sent.sent_at:
        text = _("%(name)s was told that this is over.") % {"name": name}
        yield Line(sent.sent_at, "contact", text)


def _contact(sent: Delivery) -> str:
    """The name that the person gave them."""
    found = Contact.objects.filter(pk=sent.contact).first() if sent.contact else None
    try:
        return found.name if found else _("Your contact")
    except SealBroken:
        return _("Your contact")
