"""Text messages and calls through the provider's gateway. A route holds the number
alone, so that the key of the gateway can change without touching any route.
"""

from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from safety.channels import by_apprise
from safety.channels.results import Permanent, Sent
from safety.notices import Text


def sms(key: UUID, number: str, text: Text) -> Sent:
    return _through(settings.NOTICE_SMS_URL, key, number, text)


def voice(key: UUID, number: str, text: Text) -> Sent:
    """Read out by the gateway: the short words, which a voice can say in a minute."""
    return _through(settings.NOTICE_VOICE_URL, key, number, text)


def _through(gateway: str, key: UUID, number: str, text: Text) -> Sent:
    if "{number}" not in gateway:
        raise Permanent("no gateway")
    address = gateway.replace("{number}", quote(number, safe="+"))
    return by_apprise.send(key, address, replace(text, body=text.short))
