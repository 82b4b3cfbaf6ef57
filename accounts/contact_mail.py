"""The mails around contacts: to those who are named, and to the person who named them.

A mail to a contact is written in both languages, because nobody knows yet which one
they read. None says anything of a chat. What is owed is a row, sent by a task.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import contact_links
from accounts.contact_models import (
    Contact,
    ContactLetter,
    ContactLink,
    ContactState,
    LinkPurpose,
)

log = logging.getLogger(__name__)
ROUTES = {
    LinkPurpose.INVITE: "contact_invitation",
    LinkPurpose.MANAGE: "contact_standing",
}
LANGUAGES = ("en", "zh-hans")
TRIES, RETRY = 16, timedelta(seconds=15)  # doubled each time, up to an hour: 10 hours


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


def owe(
    contact: Contact, mail: str, now: datetime, link: ContactLink | None = None
) -> None:
    """Inside the caller's transaction; sent soon after it stands."""
    ContactLetter.objects.create(contact=contact, mail=mail, link=link, due_at=now)
    transaction.on_commit(_wake, robust=True)


def send_due(*, now: datetime, limit: int = 20) -> int:
    """Sends what is owed; returns how many letters were looked at. Never raises for a
    mail server: what failed is tried again, for some days."""
    for done in range(limit):
        with transaction.atomic():
            letter = _next(now)
            if letter is None:
                return done
            _try(letter, now)
    return limit


def _next(now: datetime) -> ContactLetter | None:
    """One at a time, and never one that another process is sending."""
    rows = ContactLetter.objects.filter(ended_at=None, due_at__lte=now)
    rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("contact__user", "link").order_by("due_at").first()


def _try(letter: ContactLetter, now: datetime) -> None:
    try:
        with transaction.atomic():
            sent = _send(letter, now)
    except (OSError, SMTPException) as failed:
        log.warning("letter %s: %s", letter.pk, type(failed).__name__)
        letter.attempts += 1
        letter.due_at = now + RETRY * 2 ** min(letter.attempts, 8)
        over = letter.attempts >= TRIES
        letter.outcome = "failed" if over else ""
        letter.ended_at = now if over else None
    else:
        letter.outcome = "sent" if sent else "moot"
        letter.ended_at = now
    letter.save(update_fields=["attempts", "due_at", "outcome", "ended_at"])


def _send(letter: ContactLetter, now: datetime) -> bool:
    """False for what is no longer true. The token of a link is a new one each time."""
    contact, kind = letter.contact, MAILS[letter.mail]
    to = contact.email if kind.to_contact else contact.user.email
    if contact.state not in kind.states or not to:
        return False
    if letter.link and letter.link.used_at:
        return False
    url = _url(letter.link, now) if letter.link else ""
    write = partial(_written, contact, letter.mail, url)
    first = contact.language if kind.to_contact else contact.user.language
    subject, body = _in_languages(write, first, both=kind.to_contact)
    EmailMessage(subject, body, to=[to]).send()
    return True


def _wake() -> None:
    """Only an accelerator: beat finds what is owed without it."""
    from accounts import tasks  # noqa: PLC0415 - whose task calls this module

    if not settings.SAFETY_KICKS:
        return
    try:
        tasks.send_letters.apply_async(retry=False, expires=30)
    except Exception as away:
        log.warning("no broker: %s", type(away).__name__)


def person_of(contact: Contact) -> str:
    """How the contact knows the person: as the person said, else by what we know."""
    user = contact.user
    return contact.known_as or user.display_name or str(user.email)


def _url(link: ContactLink, now: datetime) -> str:
    token = contact_links.issue(link=link, now=now)
    path = reverse(ROUTES[LinkPurpose(link.purpose)], args=[token])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _in_languages(
    write: Callable[[str], tuple[str, str]], first: str, *, both: bool
) -> tuple[str, str]:
    order = [first, *(code for code in LANGUAGES if both and code != first)]
    written = [write(code) for code in order]
    subject = " / ".join(subject for subject, _ in written)
    return subject, "\n\n———\n\n".join(body for _, body in written)


def _written(contact: Contact, mail: str, url: str, language: str) -> tuple[str, str]:
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
