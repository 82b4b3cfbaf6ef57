"""Whether an address reaches whom it should: a code goes there and comes back by hand.

Before that nothing but the code is sent there by itself. No row holds a code.
"""

import unicodedata
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.crypto import constant_time_compare

from safety import deliveries, links
from safety.models import Delivery, Route
from safety.policy import POLICY


class TooManyCodes(Exception):
    """Enough for today: nobody is sent codes without end (T16)."""


def ask(*, route: Route, now: datetime) -> Delivery:
    """Sends a code; those sent before are worth nothing. Raises `TooManyCodes`."""
    sent = Delivery.objects.filter(
        route__owner=route.owner,
        template=links.CODE,
        created_at__gt=now - timedelta(days=1),
    )
    if sent.count() >= POLICY.codes.per_day:
        raise TooManyCodes
    Route.objects.filter(pk=route.pk).update(misses=0)
    return deliveries.enqueue(route=route, template=links.CODE, now=now)


def answer(*, route: Route, code: str, now: datetime) -> bool:
    """Whether this is the code that was sent there last; a wrong one is counted, so
    the caller must not take the transaction back. It holds the owner's lock."""
    since = now - timedelta(minutes=POLICY.codes.minutes)
    sent = route.deliveries.filter(template=links.CODE, created_at__gt=since)
    newest = sent.order_by("created_at").last()
    fresh = Route.objects.filter(pk=route.pk, misses__lt=POLICY.codes.tries)
    if newest is None or not fresh.exists():
        return False
    is_right = constant_time_compare(_digits(links.code(newest)), _digits(code))
    if not is_right:
        fresh.update(misses=F("misses") + 1)
    return is_right


def _digits(code: str) -> str:
    """However they were grouped, and in wide digits too."""
    return "".join(filter(str.isdecimal, unicodedata.normalize("NFKC", code)))
