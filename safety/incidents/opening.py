"""A sign of danger becomes an incident, or joins the one that is open and raises it.

`signal` runs in the transaction that stores the message: message, incident and duties
are committed together or not at all. Only a human lowers anything.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from safety import clock, crash, duties, telling
from safety.incidents.holding import held
from safety.incidents.moves import note, tell_dialogue
from safety.models import (
    Basis,
    Incident,
    IncidentKind,
    IncidentState,
    Routing,
    Severity,
    Signal,
)
from safety.policy import POLICY
from safety.state import DEPENDENCE, TREND
from safety.verdict import Subject, Tier, Verdict
from vault import audit

SEVERITY = {
    Tier.T1: Severity.WATCH,
    Tier.T2: Severity.HIGH,
    Tier.T3: Severity.IMMINENT,
}


@transaction.atomic
def signal(
    *,
    subject: Subject,
    verdict: Verdict,
    message: UUID,
    conversation: UUID | None,
    now: datetime,
    kind: IncidentKind = IncidentKind.REAL,
) -> Incident | None:
    """What the gate found in a message, and everything that must follow from it.

    None when nothing is open and nothing needs to be. `now` may not be ahead of the
    database's clock, which decides what is due.
    """
    if verdict.tier < Tier.T1:
        return None
    audit.lock(chain=subject.id)
    now = min(now, clock.now())
    incident = _open_one(subject.id, kind)
    joins, is_graver = incident is not None, False
    if incident is None and _calls_for_one(verdict):
        incident = _opened(subject, verdict, conversation, now, kind)
    if incident is None:
        return None
    Signal.objects.create(
        incident=incident,
        message=message,
        tier=verdict.tier,
        basis=_basis(verdict),
        labels=list(verdict.labels),
        rules=list(verdict.rules),
        at=now,
    )
    if joins:
        is_graver = _join(incident, verdict, conversation, now)
    if _tells_contacts(verdict):
        telling.begin(incident=incident, now=now, is_graver=is_graver)
    crash.point("signal.written")
    return incident


@transaction.atomic
def confirm_danger(*, subject: UUID, now: datetime) -> Incident | None:
    """The person answered the direct question with yes: contacts are told."""
    audit.lock(chain=subject)
    incident = _open_one(subject, IncidentKind.REAL)
    if incident is None:
        return None
    note(incident, "confirmed", actor="subject")
    is_graver = _raise(incident, Severity.IMMINENT, now)
    telling.begin(incident=incident, now=now, is_graver=is_graver)
    return incident


@transaction.atomic
def tell_contacts(
    *, incident: UUID, operator: UUID, reason: str, withheld: str, now: datetime
) -> Incident:
    """A human judges that contacts must be told where no rule has told them. `reason`
    is a code, and so is why the person is not told of it, or "". Repeating changes
    nothing. Raises `NotHolder`."""
    found = held(incident, operator)
    if not telling.has_begun(found):
        codes = {"reason": reason} | ({"withheld": withheld} if withheld else {})
        note(found, "contacts_told", actor=str(operator), **codes)
        telling.begin(incident=found, now=now, withheld=withheld)
    return found


@transaction.atomic
def lower(
    *, incident: UUID, operator: UUID, severity: Severity, reason: str, now: datetime
) -> Incident:
    """Raises `NotHolder`; ValueError when it would not be lower."""
    found = held(incident, operator)
    if severity >= found.severity:
        raise ValueError("only a lower severity")
    found.severity = severity
    found.save(update_fields=["severity"])
    note(found, "lowered", actor=str(operator), severity=severity, reason=reason)
    tell_dialogue(found, now=now)
    return found


@transaction.atomic
def implicate_guardian(*, incident: UUID, operator: UUID, now: datetime) -> Incident:
    """From now on no guardian is told. Raises `NotHolder`."""
    found = held(incident, operator)
    found.routing = Routing.GUARDIAN_IMPLICATED
    found.save(update_fields=["routing"])
    note(found, "guardian_implicated", actor=str(operator))
    telling.withdraw_guardians(incident=found)
    return found


def _open_one(subject: UUID, kind: IncidentKind) -> Incident | None:
    rows = Incident.objects.select_for_update().filter(subject=subject, kind=kind)
    return rows.exclude(state=IncidentState.CLOSED).first()


def _calls_for_one(verdict: Verdict) -> bool:
    """Distress alone only when it comes again and again, dependence at its highest."""
    seen_by_operators = {TREND, DEPENDENCE} & set(verdict.rules)
    return verdict.tier >= Tier.T2 or bool(seen_by_operators)


def _opened(
    subject: Subject,
    verdict: Verdict,
    conversation: UUID | None,
    now: datetime,
    kind: IncidentKind,
) -> Incident:
    severity = SEVERITY[verdict.tier]
    incident = Incident.objects.create(
        subject=subject.id,
        kind=kind,
        severity=severity,
        conversation=conversation,
        reasons=list(verdict.reasons),
        policy=snapshot(severity),
        region=subject.region,
        language=subject.language,
        age_band=subject.age_band,
        opened_at=now,
    )
    note(incident, "opened", actor="safety.gate", severity=severity, state="open")
    if kind != IncidentKind.CANARY:
        offer(incident, now)
    tell_dialogue(incident, now=now)
    return incident


def snapshot(severity: Severity) -> dict[str, object]:
    """The timings that hold for this incident, whatever the policy says later."""
    ladder = POLICY.ladder
    rungs = ladder.imminent if severity == Severity.IMMINENT else ladder.high
    return {
        "version": POLICY.version,
        "deadline": ladder.deadline,
        "all_hands": ladder.all_hands,
        "again": ladder.again,
        "lease": ladder.lease,
        "contacts": asdict(rungs),
    }


def offer(incident: Incident, now: datetime) -> None:
    """Asks for a human, and notes what happens when nobody comes."""
    duties.write_next(kind="offer", due_at=now, incident=incident)
    if incident.severity == Severity.WATCH:
        return
    for kind in ("deadline", "all_hands"):
        due = now + timedelta(seconds=incident.policy[kind])
        duties.write_next(kind=kind, due_at=due, incident=incident)


def _join(
    incident: Incident, verdict: Verdict, conversation: UUID | None, now: datetime
) -> bool:
    """Whether it became graver. Its reasons stand in the order of their weight."""
    severity = SEVERITY[verdict.tier]
    known, new = incident.reasons, verdict.reasons
    both = (*new, *known) if severity > incident.severity else (*known, *new)
    incident.reasons = list(dict.fromkeys(both))
    incident.conversation = conversation or incident.conversation
    incident.save(update_fields=["reasons", "conversation"])
    return _raise(incident, severity, now)


def _raise(incident: Incident, severity: Severity, now: datetime) -> bool:
    if severity <= incident.severity:
        return False
    was_watched = incident.severity == Severity.WATCH
    incident.severity, incident.policy = severity, snapshot(severity)
    incident.save(update_fields=["severity", "policy"])
    note(incident, "raised", actor="safety.gate", severity=severity)
    if was_watched and incident.state != IncidentState.HUMAN:
        offer(incident, now)
    tell_dialogue(incident, now=now)
    return True


def _basis(verdict: Verdict) -> Basis:
    """Neither a model's guess nor a broken detector ever calls a family."""
    certain = verdict.rules and not verdict.is_model_guess
    return Basis.RULE if certain else Basis.GUESS


def _tells_contacts(verdict: Verdict) -> bool:
    """At once for the gravest tier; below it where the policy says so."""
    if _basis(verdict) is Basis.GUESS:
        return False
    at_once = POLICY.ladder.tell_contacts_at_high == "at_once"
    return verdict.tier == Tier.T3 or (verdict.tier == Tier.T2 and at_once)
