"""The page behind the link of a notice: what to do, and a button that says "I have
read this". It needs no account and shows nothing of a chat.

Opening it acknowledges nothing: mail scanners open links too. Only the button does.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from safety import deliveries, gaps, links, notices, resources, texts
from safety.links import NoSuchLink, ack_token
from safety.models import AckToken, Delivery
from safety.speaking import speak

GUIDANCE = {
    "contact.drill": "guidance.drill",
    "guardian.notice": "guidance.guardian",
}


@never_cache
def notice(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = links.find(token=token, now=now)
        if request.method == "POST":
            deliveries.acknowledge(token=token, now=now)
            found.used_at = found.used_at or now
    except NoSuchLink:
        return render(request, "safety/notice_ended.html", status=404)
    speak(request, found.delivery.language)
    return render(request, "safety/notice.html", _shown(found))


def _shown(found: AckToken) -> dict[str, Any]:
    delivery, language = found.delivery, get_language() or "en"
    incident = delivery.incident
    return {
        "words": texts.get(_guidance(delivery), language),
        "thanks": texts.get("guidance.thanks", language),
        "gaps": gaps.of(delivery, token=ack_token(delivery)),
        "is_read": found.used_at is not None,
        "for_contact": _to(delivery) == "contact",
        "resources": resources.for_region(incident.region, language)
        if incident
        else (),
    }


def _guidance(delivery: Delivery) -> str:
    usual = "guidance.contact" if _to(delivery) == "contact" else "guidance.operator"
    return GUIDANCE.get(delivery.template, usual)


def _to(delivery: Delivery) -> str:
    return notices.get(delivery.template, delivery.language).to
