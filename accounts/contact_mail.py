"""The mails around contacts: to those who are named, and to the person who named them.

A mail to a contact is written in both languages, because nobody knows yet which one
they read. None says anything of a chat. What is owed is sent after the commit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import contact_links
from accounts.contact_models import Contact, ContactLink, ContactState, LinkPurpose

log = logging.getLogger(__name__)
ROUTES = {
    LinkPurpose.INVITE: "contact_invitation",
    LinkPurpose.MANAGE: "contact_standing",
}
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class Mail:
    """`states` are those in which the mail is still true; in others it is not sent."""

    subject: Promise
    to_contact: bool
    states: tuple[ContactState, ...]


INVITED, CONFIRMED = (ContactState.INVITED,), (ContactState.CONFIRMED,)
MAILS = {
    "invitation": Mail(_("%(person)s has named you"), True, INVITED),
    "agreed": Mail(_("Thank you for standing by %(person)s"), True, CONFIRMED),
    "released": Mail(
        _("You no longer stand by %(person)s"), True, (ContactState.REPLACED,)
    ),
    "person_confirmed": Mail(_("%(contact)s has agreed"), False, CONFIRMED),
    "person_declined": Mail(
        _("%(contact)s would rather not"), False, (ContactState.DECLINED,)
    ),
    "person_stopped": Mail(
        _("%(contact)s no longer stands by you"), False, (ContactState.STOPPED,)
    ),
    "person_handed_over": Mail(
        _("%(contact)s proposes somebody else"), False, CONFIRMED
    ),
}


def owe(contact: Contact, mail: str, link: ContactLink | None = None) -> None:
    """The mail is sent once the transaction stands."""
    send_now = partial(_send_now, contact.pk, mail, link.pk if link else None)
    transaction.on_commit(send_now, robust=True)


def _send_now(contact: UUID, mail: str, link: int | None) -> None:
    send(contact=contact, mail=mail, link=link, now=timezone.now())


@transaction.atomic
def send(*, contact: UUID, mail: str, link: int | None, now: datetime) -> bool:
    """Sends it unless it is no longer true. Raises what the mail server raises; the
    link in it is a new one each time."""
    row = Contact.objects.select_related("user").get(pk=contact)
    kind = MAILS[mail]
    to = row.email if kind.to_contact else row.user.email
    if row.state not in kind.states or not to:
        return False
    url = _url(link, now) if link else ""
    write = partial(_written, row, mail, url, now)
    first = row.language if kind.to_contact else row.user.language
    subject, body = _in_languages(write, first, both=kind.to_contact)
    EmailMessage(subject, body, to=[to]).send()
    log.info("mail %s for contact %s", mail, row.pk)
    return True


def person_of(contact: Contact) -> str:
    """How the contact knows the person: as the person said, else by what we know."""
    user = contact.user
    return contact.known_as or user.display_name or str(user.email)


def _url(link: int, now: datetime) -> str:
    row = ContactLink.objects.get(pk=link)
    token = contact_links.issue(link=row, now=now)
    path = reverse(ROUTES[LinkPurpose(row.purpose)], args=[token])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _in_languages(
    write: Callable[[str], tuple[str, str]], first: str, *, both: bool
) -> tuple[str, str]:
    order = [first, *(code for code in LANGUAGES if both and code != first)]
    written = [write(code) for code in order]
    subject = " / ".join(subject for subject, _ in written)
    return subject, "\n\n———\n\n".join(body for _, body in written)


def _written(
    contact: Contact, mail: str, url: str, now: datetime, language: str
) -> tuple[str, str]:
    with override(language):
        words = {
            "person": person_of(contact),
            "contact": contact.name,
            "service": settings.SERVICE_NAME,
            "guardian": contact.kind == "guardian",
            "url": url,
            "until": _last_day(contact),
            "settings_url": f"{settings.PUBLIC_URL.rstrip('/')}{reverse('settings')}",
        }
        subject = str(MAILS[mail].subject) % words
        body = render_to_string(f"contacts/email/{mail}.txt", words)
    return " ".join(subject.split()), body.strip()


def _last_day(contact: Contact) -> str:
    links = contact.links.filter(purpose=LinkPurpose.INVITE, used_at=None)
    link = links.order_by("made_at").last()
    return date_format(link.expires_at) if link and link.expires_at else ""
