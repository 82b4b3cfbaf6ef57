"""How a notice leaves the house: one function for each channel, named in a table.

Each raises `Temporary` (again later) or `Permanent` (the next channel), and gives a
provider no longer than the policy says. None logs an address or a text.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from safety.models import Delivery
from safety.notices import Text
from safety.policy import POLICY


class Temporary(Exception):
    """It may work in a while."""


class Permanent(Exception):
    """It will not work by this route."""


@dataclass(frozen=True, slots=True)
class Sent:
    provider_id: str = ""


Channel = Callable[[Delivery, str, Text], Sent]


def send(delivery: Delivery, address: str, text: Text) -> Sent:
    return CHANNELS[delivery.channel](delivery, address, text)


def _mail(delivery: Delivery, address: str, text: Text) -> Sent:
    key = f"<{delivery.id}@companion>"
    message = EmailMessage(
        subject=text.subject,
        body=text.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": key, "Idempotency-Key": str(delivery.id)},
        connection=get_connection(timeout=POLICY.notice.timeout),
    )
    try:
        message.send()
    except smtplib.SMTPResponseException as answer:
        kind = Permanent if answer.smtp_code >= 550 else Temporary
        raise kind(f"smtp_{answer.smtp_code}") from None
    except smtplib.SMTPRecipientsRefused:
        raise Permanent("recipient") from None
    except (OSError, smtplib.SMTPException) as failed:
        raise Temporary(type(failed).__name__) from None
    return Sent(key)


def _webhook(delivery: Delivery, address: str, text: Text) -> Sent:
    key = str(delivery.id)
    try:
        answer = httpx.post(
            address,
            json={"title": text.subject, "message": text.body},
            headers={"Idempotency-Key": key},
            timeout=POLICY.notice.timeout,
        )
    except httpx.HTTPError as failed:
        raise Temporary(type(failed).__name__) from None
    if answer.is_success:
        return Sent(key)
    temporary = answer.is_server_error or answer.status_code == 429
    raise (Temporary if temporary else Permanent)(f"http_{answer.status_code}")


def _test(delivery: Delivery, address: str, text: Text) -> Sent:
    """Where the test of the chain ends: nobody is told."""
    return Sent(str(delivery.id))


CHANNELS: dict[str, Channel] = {"mail": _mail, "apprise": _webhook, "test": _test}
