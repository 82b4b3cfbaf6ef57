"""The ways of a contact in tests: their link, what came to a gateway, a danger."""

import json
import re
from uuid import uuid4

from accounts import (
    contact_links,
    contact_routes,
    contacts,
    services,
)
from accounts.models import ContactLink, LinkPurpose
from safety import duties, incidents, sending
from safety.verdict import Action, Tier, Verdict

NUMBER, OTHER = "+447911123456", "+447911654321"
PLAN = Verdict(Tier.T3, Action.SUPPORT, ("plan",), ("self_harm.plan",), "p/1")
MAIL = ("mail", "confirmed")


def lasting(user, now):
    """Whoever was asked agrees; the token of their lasting link."""
    link = ContactLink.objects.filter(contact__user=user, used_at=None).latest("id")
    token = contact_links.issue(link=link, now=now)
    agreed = contacts.confirm(token=token, language="en", keep_phone=True, now=now)
    link = agreed.links.get(purpose=LinkPurpose.MANAGE)
    return contact_links.issue(link=link, now=now)


def known(contact):
    return [(route.channel, route.state) for route in contact_routes.own(contact)]


def way(contact, channel):
    return next(r for r in contact_routes.own(contact) if r.channel == channel)


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def arrived(gateway):
    """What came to the gateway: where, and the words."""
    return [
        (path.replace("%2B", "+"), json.loads(body)["message"])
        for path, _, body in gateway.got
    ]


def code_in(words):
    return re.search(r"\d{3} \d{3}", words)[0]


def danger(user, now):
    return incidents.signal(
        subject=services.subject_for(user, now),
        verdict=PLAN,
        message=uuid4(),
        conversation=uuid4(),
        now=now,
    )
