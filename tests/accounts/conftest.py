"""Members of the cast as rows; mail is written to a folder."""

import pytest
from django.urls import reverse

from accounts import operators
from tests.accounts import letters, ways
from tests.safety.gateways import phone_gateway


@pytest.fixture
def mail(settings, tmp_path):
    """The mails of this test, each as text, newest last."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    return lambda: letters.written(tmp_path / "mail")


@pytest.fixture
def first_operator(db):
    return operators.first_operator()


@pytest.fixture
def no_gateway(settings):
    """No gateway unless a test brings one; mails go nowhere."""
    settings.NOTICE_SMS_URL = settings.NOTICE_VOICE_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def today(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def gateway(settings, no_gateway):
    with phone_gateway(settings) as server:
        yield server


@pytest.fixture
def token(ada, now):
    return ways.lasting(ada, now)


@pytest.fixture
def gil(ada, token):
    return ada.contacts.get()


@pytest.fixture
def page(token):
    return reverse("contact_ways", args=[token])
