"""The notice that one talks with an AI: at first use, at each sign-in, on each new day
of a session that stays open, and once a day on clear signs of dependence (CN-30,
US-NY-2, EU-1). The words are fixed texts.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import NoticeKind, NoticeSeen, User
from safety import observing, texts
from safety.texts import FixedText
from vault import audit


def due(user: User, session_key: str, now: datetime | None = None) -> FixedText | None:
    """The notice that must be acknowledged now, noted as shown; None when none is."""
    now = now or timezone.now()
    kind = _kind_due(user, session_key, now)
    if kind is None:
        return None
    text = texts.get(f"notice.{kind.value}", user.language)
    NoticeSeen.objects.get_or_create(
        user=user,
        kind=kind,
        session_hash=_hash(session_key),
        acknowledged_at=None,
        defaults={"text_version": text.version, "shown_at": now},
    )
    return text


@transaction.atomic
def acknowledge(*, user: User, session_key: str, now: datetime | None = None) -> None:
    """Notes "I understand it is AI". Without an open notice nothing changes."""
    now = now or timezone.now()
    shown = NoticeSeen.objects.select_for_update().filter(
        user=user, session_hash=_hash(session_key), acknowledged_at=None
    )
    for notice in shown:
        notice.acknowledged_at = now
        notice.save(update_fields=["acknowledged_at"])
        audit.record(
            chain=user.id,
            act="notice.acknowledged",
            actor=str(user.id),
            facts={"kind": notice.kind, "version": notice.text_version},
        )


def _kind_due(user: User, session_key: str, now: datetime) -> NoticeKind | None:
    read = NoticeSeen.objects.filter(user=user, acknowledged_at__isnull=False)
    if not read.filter(kind=NoticeKind.FIRST_USE).exists():
        return NoticeKind.FIRST_USE
    latest = read.filter(session_hash=_hash(session_key)).order_by("acknowledged_at")
    last = latest.last()
    if last is None or last.acknowledged_at is None:
        return NoticeKind.LOGIN
    if user.today(last.acknowledged_at) != user.today(now):
        return NoticeKind.LOGIN
    return NoticeKind.DEPENDENCE if _depends(user, now) else None


def _depends(user: User, now: datetime) -> bool:
    """Clear signs today, and not told of them today, on whatever device."""
    if not observing.told_of_dependence(subject=user.id, today=user.today(now)):
        return False
    told = NoticeSeen.objects.filter(user=user, kind=NoticeKind.DEPENDENCE)
    last = told.exclude(acknowledged_at=None).order_by("acknowledged_at").last()
    if last is None or last.acknowledged_at is None:
        return True
    return user.today(last.acknowledged_at) != user.today(now)


def _hash(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()
