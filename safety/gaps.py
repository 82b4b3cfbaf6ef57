"""What stands in the six gaps of a notice, for one delivery, when it is sent.

Names and links stand in no row: they are put together here and handed on. Nothing here
reads a message.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from safety import links, notices, resources
from safety.models import Delivery


def of(delivery: Delivery, *, token: str) -> dict[str, str]:
    """`token` is the secret of the link behind which somebody acknowledges."""
    kept: dict[str, str] = delivery.variables
    if delivery.template == links.CODE:
        kept = kept | {"code": links.code(delivery)}
    for_contact = (
        notices.get(delivery.template, delivery.language).to == notices.CONTACT
    )
    return kept | {
        "service": settings.SERVICE_NAME,
        "name": notices.plain_name(delivery.route.name) if for_contact else "",
        "time": _moment(kept.get("time", ""), delivery),
        "link": _url(reverse("notice", args=[token])),
        "number": _number(delivery),
    }


def _moment(written: str, delivery: Delivery) -> str:
    """Where the reader lives, with the name of the time zone: nobody has to guess."""
    if not written:
        return ""
    at = datetime.fromisoformat(written)
    zone = ZoneInfo(delivery.route.time_zone)
    local = at.astimezone(zone)
    with override(delivery.language):
        return f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"


def _number(delivery: Delivery) -> str:
    """The provider's own telephone, or the emergency number where the person lives."""
    if settings.SERVICE_PHONE:
        return str(settings.SERVICE_PHONE)
    region = delivery.incident.region if delivery.incident else ""
    return resources.emergency_number(region)


def _url(path: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
