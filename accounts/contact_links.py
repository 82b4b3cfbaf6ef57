"""Links that are mailed to contacts: 256 random bits, of which the hash is kept.

Finding one changes nothing: a mail scanner that opens it answers nothing.
"""

import hashlib
import secrets
from datetime import datetime

from django.db.models import Q

from accounts.contact_models import LIVE, ContactLink, LinkPurpose
from accounts.refusal import LinkEnded

TOKEN_BYTES = 32


def issue(*, link: ContactLink, now: datetime) -> str:
    """The token of a link that is mailed now, in place of one mailed before."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link.token_hash, link.sent_at = _hash(token), now
    link.save(update_fields=["token_hash", "sent_at"])
    return token


def find(token: str, purpose: LinkPurpose, now: datetime) -> ContactLink:
    """The open link with its contact. Raises `LinkEnded`."""
    rows = ContactLink.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        token_hash=_hash(token),
        purpose=purpose,
        used_at=None,
        contact__state__in=LIVE,
    )
    link = rows.select_related("contact", "contact__user").first()
    if link is None:
        raise LinkEnded
    return link


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
