"""The links by which people acknowledge a notice: found by their hash, for a day; and
the codes by which they prove an address.

Looking one up changes nothing: mail scanners open links too.
"""

import hashlib
from datetime import datetime

from django.utils.crypto import salted_hmac

from safety.models import AckToken, Delivery

CODE = "way.code"  # the notice that carries a code


class NoSuchLink(Exception):
    """The link is unknown or too old."""


def ack_token(delivery: Delivery) -> str:
    """The secret of the link. Made from the key of the row, so that a second sending
    carries the same link and no row needs to hold it."""
    return salted_hmac(
        "safety.acknowledge", str(delivery.id), algorithm="sha256"
    ).hexdigest()


def code(delivery: Delivery) -> str:
    """Six digits that prove that this notice was read, in two groups. Made from the key
    of the row: whoever reads the database does not see them."""
    digest = salted_hmac("safety.code", str(delivery.id), algorithm="sha256").digest()
    digits = f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"
    return f"{digits[:3]} {digits[3:]}"


def find(*, token: str, now: datetime) -> AckToken:
    """Raises `NoSuchLink`."""
    rows = AckToken.objects.filter(token_hash=hashed(token), expires_at__gt=now)
    found = rows.select_related("delivery__incident", "delivery__route").first()
    if found is None:
        raise NoSuchLink
    return found


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
