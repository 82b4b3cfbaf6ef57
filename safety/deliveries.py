"""The outbox: notices as rows, sent at least once, each under one key.

A delivery is claimed and committed before anything is sent, and marked afterwards. A
process that dies in between leaves it for another, which sends it again with the same
key: the id of the row. Nothing is ever marked before it was sent, and nothing that was
acknowledged or cancelled is begun. Rows hold no address and no words.
"""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safety import channels, clock, crash, gaps, kick, leases, links, notices, quiet
from safety.leases import Claims, Lost
from safety.links import NoSuchLink, ack_token
from safety.models import (
    AckToken,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Duty,
    DutyState,
    Incident,
    IncidentKind,
    IncidentState,
    Route,
    RouteState,
    Severity,
)
from safety.policy import POLICY
from vault import audit

__all__ = [
    "NoSuchLink",
    "ack_token",
    "acknowledge",
    "cancel",
    "enqueue",
    "send_due",
]
CLAIMS = Claims(
    ready=DeliveryState.PENDING,
    taken=DeliveryState.SENDING,
    further="and one.channel <> all(%(full)s)",
)
STOPPED_BY_AN_ANSWER = ["notify"]
log = logging.getLogger(__name__)
_sending: Counter[str] = Counter()  # by channel, in this process
_slots = threading.Lock()


def enqueue(
    *,
    route: Route,
    template: str,
    now: datetime,
    incident: Incident | None = None,
    duty: Duty | None = None,
    variables: Mapping[str, str] | None = None,
) -> Delivery:
    """A notice by one route, inside the caller's transaction. `variables` take the
    place of code and time, which follow from the incident otherwise."""
    words = notices.get(template, route.language)
    due = _not_too_often(route, incident, now)
    delivery = Delivery.objects.create(
        incident=incident,
        duty=duty,
        subject=incident.subject if incident else route.subject,
        contact=route.owner if route.contact_kind else None,
        route=route,
        channel=route.channel,
        template=template,
        template_version=words.version,
        language=route.language,
        variables=_variables(incident, now) | dict(variables or {}),
        due_at=due if words.urgent else quiet.after(route=route, at=due),
        created_at=now,
    )
    AckToken.objects.create(
        delivery=delivery,
        token_hash=links.hashed(ack_token(delivery)),
        expires_at=now + timedelta(hours=POLICY.notice.ack_hours),
    )
    _note(delivery, "enqueued", template=template)
    kick.on_commit()
    return delivery


def send_due(
    *,
    limit: int = 50,
    now: datetime | None = None,
    overdue: timedelta = timedelta(0),
) -> int:
    """Sends what is due, the gravest first; returns how many. Never raises for a
    provider."""
    for done in range(limit):
        delivery = _claimed(now, overdue)
        if delivery is None:
            return done
        crash.point("delivery.claimed")
        try:
            _send(delivery, now)
        except Lost:
            log.info("delivery %s is no longer ours", delivery.id)
        finally:
            with _slots:
                _sending[delivery.channel] -= 1
    return limit


@transaction.atomic
def acknowledge(*, token: str, now: datetime) -> Delivery:
    """Somebody pressed the button: notices that have not begun are not sent. Twice is
    harmless. Raises `NoSuchLink`."""
    found = links.find(token=token, now=now)
    delivery = Delivery.objects.select_related("incident").get(pk=found.delivery_id)
    audit.lock(chain=_chain(delivery))
    if not AckToken.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
        return delivery
    delivery.state, delivery.acked_at = DeliveryState.ACKED, now
    delivery.save(update_fields=["state", "acked_at"])
    _note(delivery, "acknowledged")
    if delivery.incident and delivery.contact:
        _stop(delivery.incident, now)
    crash.point("ack.written")
    return delivery


def cancel(*, incident: Incident, contacts: bool, kind: str = "") -> int:
    """What was not begun, to contacts (of a kind) or to operators and the provider."""
    waiting = incident.deliveries.filter(
        state=DeliveryState.PENDING, contact__isnull=not contacts
    )
    if kind:
        waiting = waiting.filter(route__contact_kind=kind)
    stopped = waiting.update(state=DeliveryState.CANCELLED)
    if stopped and incident.kind != IncidentKind.CANARY:
        audit.record(
            chain=incident.subject,
            act="notice.cancelled",
            actor="safety",
            facts={"incident": str(incident.id), "count": stopped},
        )
    return stopped


def _claimed(now: datetime | None, overdue: timedelta) -> Delivery | None:
    """One to send, if this process has a free slot for its channel."""
    with _slots:
        if _sending.total() >= POLICY.notice.slots:
            return None
        most = POLICY.notice.slots_per_channel
        full = [channel for channel, count in _sending.items() if count >= most]
        with transaction.atomic():
            delivery = leases.claim(
                Delivery, CLAIMS, now=now, overdue=overdue, full=full
            )
            if delivery is not None:
                _begin_attempt(delivery, now or clock.now())
        if delivery is not None:
            _sending[delivery.channel] += 1
    return delivery


def _begin_attempt(delivery: Delivery, now: datetime) -> None:
    DeliveryAttempt.objects.create(
        delivery=delivery,
        number=delivery.attempts,
        fence=delivery.fence,
        started_at=now,
    )


def _send(delivery: Delivery, now: datetime | None) -> None:
    if delivery.attempts > len(POLICY.notice.retries):
        return _died(delivery, "tries", now or clock.now())
    try:
        route = delivery.route
        if route.state == RouteState.STOPPED:
            raise channels.Permanent("stopped")
        filled = gaps.of(delivery, token=ack_token(delivery))
        text = notices.render(delivery.template, delivery.language, filled)
        address = route.address
        channels.prepare(delivery.channel)
        _still_wanted(delivery, now or clock.now())
        sent = channels.send(delivery, address, text)
        crash.point("delivery.sent")
    except Lost:
        raise
    except channels.Permanent as refused:
        _died(delivery, str(refused) or "refused", now or clock.now())
    except channels.Temporary as later:
        _retry(delivery, str(later), now or clock.now())
    except Exception as failed:
        # An address may stand in the exception: only its kind is kept.
        _retry(delivery, type(failed).__name__, now or clock.now())
    else:
        _sent(delivery, sent, now or clock.now())


def _still_wanted(delivery: Delivery, now: datetime) -> None:
    """The last look before something leaves the house. Raises `Lost`."""
    mine = Delivery.objects.filter(
        pk=delivery.pk, fence=delivery.fence, state=DeliveryState.SENDING
    )
    fresh = mine.select_related("incident").first()
    if fresh is None:
        raise Lost(str(delivery.pk))
    if fresh.incident and _is_over(fresh, fresh.incident):
        _end_attempt(delivery, "no longer needed", now)
        with transaction.atomic():
            audit.lock(chain=_chain(delivery))
            leases.move(delivery, CLAIMS, state=DeliveryState.CANCELLED)
            _note(delivery, "dropped")
        raise Lost(str(delivery.pk))


def _is_over(delivery: Delivery, incident: Incident) -> bool:
    """It was begun once and failed, and meanwhile somebody answered or came."""
    if incident.state == IncidentState.CLOSED:
        return True
    if not delivery.contact:
        return incident.state == IncidentState.HUMAN
    told = incident.deliveries.filter(contact__isnull=False)
    return told.filter(state=DeliveryState.ACKED).exists()


def _sent(delivery: Delivery, sent: channels.Sent, now: datetime) -> None:
    _end_attempt(delivery, "sent", now)
    with transaction.atomic():
        audit.lock(chain=_chain(delivery))
        leases.move(delivery, CLAIMS, state=DeliveryState.SENT, sent_at=now,
                    provider_id=sent.provider_id[:200])  # fmt: skip
        _note(delivery, "sent", attempt=delivery.attempts)
    crash.point("delivery.marked")


def _retry(delivery: Delivery, reason: str, now: datetime) -> None:
    tries = POLICY.notice.retries
    if delivery.attempts >= len(tries):
        return _died(delivery, reason, now)
    _end_attempt(delivery, reason, now)
    spread = 1 + POLICY.notice.jitter * (2 * secrets.randbelow(1001) / 1000 - 1)
    due = now + timedelta(seconds=tries[delivery.attempts] * spread)
    leases.move(delivery, CLAIMS, state=DeliveryState.PENDING, due_at=due,
                failed_reason=reason[:60])  # fmt: skip


def _died(delivery: Delivery, reason: str, now: datetime) -> None:
    """This channel will not do it: the next step is due at once."""
    from safety import telling  # noqa: PLC0415 - whose steps enqueue

    _end_attempt(delivery, reason, now)
    with transaction.atomic():
        audit.lock(chain=_chain(delivery))
        leases.move(delivery, CLAIMS, state=DeliveryState.DEAD,
                    failed_reason=reason[:60])  # fmt: skip
        _note(delivery, "dead", reason=reason[:60])
        telling.fall_back(delivery=delivery, now=now)


def _end_attempt(delivery: Delivery, result: str, now: datetime) -> None:
    DeliveryAttempt.objects.filter(delivery=delivery, fence=delivery.fence).update(
        ended_at=now, result=result[:60]
    )


def _stop(incident: Incident, now: datetime) -> None:
    waiting = incident.duties.filter(
        state=DutyState.WAITING, kind__in=STOPPED_BY_AN_ANSWER
    )
    waiting.update(state=DutyState.CANCELLED, ended_at=now)
    cancel(incident=incident, contacts=True)


def _not_too_often(route: Route, incident: Incident | None, now: datetime) -> datetime:
    """One a minute by one route; the first of a grave incident go at once."""
    notice = POLICY.notice
    grave = incident is not None and incident.severity >= Severity.HIGH
    if grave and (
        Delivery.objects.filter(incident=incident, route=route).count()
        < notice.unthrottled
    ):
        return now
    pause = timedelta(seconds=notice.throttle)
    recent = Delivery.objects.filter(
        ~Q(state=DeliveryState.CANCELLED), route=route, due_at__gt=now - pause
    )
    last = recent.order_by("-due_at").values_list("due_at", flat=True).first()
    return last + pause if last else now


def _variables(incident: Incident | None, now: datetime) -> dict[str, str]:
    """What a row may hold of a text; names, links and numbers join when it is sent."""
    return {"code": incident.code if incident else "", "time": now.isoformat()}


def _note(delivery: Delivery, act: str, **facts: str | int) -> None:
    if delivery.incident and delivery.incident.kind == IncidentKind.CANARY:
        return
    told = {"delivery": str(delivery.id), "channel": delivery.channel, **facts}
    audit.record(
        chain=_chain(delivery), act=f"notice.{act}", actor="safety", facts=told
    )


def _chain(delivery: Delivery) -> UUID | str:
    return delivery.subject or "safety"
