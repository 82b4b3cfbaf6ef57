"""A letter that is owed is sent as soon as a mail server takes it."""

from datetime import timedelta

import pytest

from accounts import contact_links, contact_mail
from accounts.models import ContactLetter, LinkPurpose
from tests.accounts.letters import link_in, plain

pytestmark = pytest.mark.django_db


def test_a_mail_server_that_is_away_is_asked_again_later(ada, now, settings, mail):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert contact_mail.send_due(now=now) == 1
    letter = ContactLetter.objects.get()
    assert (letter.attempts, letter.ended_at) == (1, None)
    assert letter.due_at == now + timedelta(seconds=30)
    assert contact_mail.send_due(now=now) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert contact_mail.send_due(now=letter.due_at) == 1
    letter.refresh_from_db()
    assert letter.outcome == "sent"
    contact_links.find(link_in(plain(mail()[-1]), "agree"), LinkPurpose.INVITE, now)


def test_after_half_a_day_of_trying_a_letter_has_failed(ada, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    at = now
    for _ in range(contact_mail.TRIES):
        at = ContactLetter.objects.get().due_at
        contact_mail.send_due(now=at)
    letter = ContactLetter.objects.get()
    assert (letter.outcome, letter.attempts) == ("failed", contact_mail.TRIES)
    assert timedelta(hours=9) < at - now < timedelta(hours=12)
