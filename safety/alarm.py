"""Calls the provider when safety itself is in trouble, by a transport of its own.

Needs no broker, no Celery and no database: it must work when they do not. Says which
part is silent, never anything about a person.
"""

import logging
from collections.abc import Callable, Sequence

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from safety import texts
from safety.policy import POLICY

log = logging.getLogger(__name__)


def call(trouble: str) -> int:
    """Tells the provider by every way there is; returns how many worked. Never
    raises."""
    log.critical("alarm: %s", trouble)
    words = [texts.get(f"alarm.{trouble}", language) for language in texts.LANGUAGES]
    title = " / ".join(one.title for one in words)
    body = "\n\n".join(one.body for one in words)
    return sum(_works(way, title, body) for way in _ways())


def _ways() -> Sequence[Callable[[str, str], None]]:
    ways = [_mail] if settings.ALARM_MAIL_TO else []
    return [*ways, *([_webhook] if settings.ALARM_WEBHOOK else [])]


def _works(way: Callable[[str, str], None], title: str, body: str) -> bool:
    try:
        way(title, body)
    except Exception as failed:
        # An address may stand in the exception: only its kind is logged.
        log.error("alarm not sent by %s: %s", way.__name__, type(failed).__name__)
        return False
    return True


def _mail(title: str, body: str) -> None:
    connection = get_connection(
        timeout=POLICY.notice.timeout, fail_silently=False, **settings.ALARM_MAIL
    )
    EmailMessage(
        title, body, settings.DEFAULT_FROM_EMAIL, settings.ALARM_MAIL_TO,
        connection=connection,
    ).send()  # fmt: skip


def _webhook(title: str, body: str) -> None:
    httpx.post(
        settings.ALARM_WEBHOOK,
        json={"title": title, "message": body},
        timeout=POLICY.notice.timeout,
    ).raise_for_status()
