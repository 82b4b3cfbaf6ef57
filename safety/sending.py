"""Sending what the outbox holds, at least once and always under the key of its row.

A delivery is claimed and committed before anything leaves, and marked afterwards: a
process that dies in between leaves it for another, which sends it again. Nothing is
marked before it was sent, and nothing that somebody has answered is begun.
"""

import logging
import secrets
import threading
from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction

from safety import channels, clock, crash, gaps, leases, notices, telling
from safety.deliveries import chain, note
from safety.incidents.holding import PASSED_ON
from safety.leases import Claims, Lost
from safety.links import ack_token
from safety.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Incident,
    IncidentState,
    RouteState,
)
from safety.policy import POLICY
from vault import audit

CLAIMS = Claims(
    ready=DeliveryState.PENDING,
    taken=DeliveryState.SENDING,
    further="and one.channel <> all(%(full)s)",
)
log = logging.getLogger(__name__)
_sending: Counter[str] = Counter()  # by channel, in this process
_slots = threading.Lock()


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
            audit.lock(chain=chain(delivery))
            leases.move(delivery, CLAIMS, state=DeliveryState.CANCELLED)
            note(delivery, "dropped")
            if delivery.template == telling.ALL_CLEAR:
                telling.put_off(incident=fresh.incident, now=now)
        raise Lost(str(delivery.pk))


def _is_over(delivery: Delivery, incident: Incident) -> bool:
    """It waited or failed once, and meanwhile somebody answered or came. The word that
    it is over waits for the morning; a danger of that night takes it back."""
    if delivery.template == telling.ALL_CLEAR:
        return telling.in_new_danger(incident)
    if incident.state == IncidentState.CLOSED:
        return True
    is_held = incident.state == IncidentState.HUMAN
    if delivery.template in PASSED_ON.values():
        return not is_held or incident.claimed_by != delivery.route.owner
    if not delivery.contact:
        return is_held
    return telling.is_acknowledged(incident)


def _sent(delivery: Delivery, sent: channels.Sent, now: datetime) -> None:
    _end_attempt(delivery, "sent", now)
    with transaction.atomic():
        audit.lock(chain=chain(delivery))
        leases.move(delivery, CLAIMS, state=DeliveryState.SENT, sent_at=now,
                    provider_id=sent.provider_id[:200])  # fmt: skip
        note(delivery, "sent", attempt=delivery.attempts)
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
    _end_attempt(delivery, reason, now)
    with transaction.atomic():
        audit.lock(chain=chain(delivery))
        leases.move(delivery, CLAIMS, state=DeliveryState.DEAD,
                    failed_reason=reason[:60])  # fmt: skip
        note(delivery, "dead", reason=reason[:60])
        telling.fall_back(delivery=delivery, now=now)


def _end_attempt(delivery: Delivery, result: str, now: datetime) -> None:
    DeliveryAttempt.objects.filter(delivery=delivery, fence=delivery.fence).update(
        ended_at=now, result=result[:60]
    )
