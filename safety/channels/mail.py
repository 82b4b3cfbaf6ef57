"""Notices by e-mail, through whatever Django is set up with."""

import smtplib
from email.errors import MessageError
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from safety.channels.results import Permanent, Sent, Temporary
from safety.notices import Text
from safety.policy import POLICY

REFUSED = 500  # SMTP: from here on an answer is final


def send(key: UUID, address: str, text: Text) -> Sent:
    """Each attempt carries the same Message-ID: mail programs show one of them."""
    message_id = f"<{key}@{urlsplit(settings.PUBLIC_URL).hostname}>"
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if text.urgent:
        headers |= {"Importance": "high", "X-Priority": "1"}
    message = EmailMessage(
        text.subject,
        text.body,
        to=[address],
        headers=headers,
        connection=get_connection(timeout=POLICY.notice.timeout),
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise _failure(max(codes, default=0)) from None
    except smtplib.SMTPAuthenticationError as refused:
        raise Temporary(f"smtp sign-in {refused.smtp_code}") from None
    except smtplib.SMTPResponseException as refused:
        raise _failure(refused.smtp_code) from None
    except (MessageError, ValueError):  # also a header with a line break in it
        raise Permanent("address") from None
    except (smtplib.SMTPException, OSError) as failed:
        raise Temporary(type(failed).__name__) from None
    return Sent(provider_id=message_id)


def _failure(code: int) -> Temporary | Permanent:
    kind = Permanent if code >= REFUSED else Temporary
    return kind(f"smtp {code}")
