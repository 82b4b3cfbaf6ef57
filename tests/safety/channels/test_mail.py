"""A notice by mail against a real SMTP server that answers as told."""

import re
import uuid
from types import SimpleNamespace

import pytest

from safety import channels, notices
from safety.channels import Permanent, Temporary
from tests.safety.gateways import smtp_server
from tests.safety.test_notices import SIX

KEY = uuid.UUID(int=7)
MAIL = SimpleNamespace(id=KEY, channel="mail")


@pytest.fixture
def post(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with smtp_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def send(to="gil@example.org", language="en"):
    text = notices.render("contact.notice", language, SIX)
    return channels.send(MAIL, to, text)


def test_a_notice_arrives_with_its_key_as_message_id(post, settings):
    sent = send()
    (mail,) = post.got
    message_id = re.search(r"^Message-ID: (.*)\r$", mail, re.MULTILINE)[1]
    assert message_id == f"<{KEY}@localhost>" == sent.provider_id
    assert "Importance: high" in mail
    assert "Auto-Submitted: auto-generated" in mail


def test_each_attempt_has_the_same_key(post):
    send()
    send()
    ids = {re.search(r"^Message-ID: (.*)\r$", m, re.MULTILINE)[1] for m in post.got}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("recipient", "data", "kind", "reason"),
    [
        ("550 no such user", "250 ok", Permanent, "smtp 550"),
        ("450 try later", "250 ok", Temporary, "smtp 450"),
        ("250 ok", "554 refused", Permanent, "smtp 554"),
        ("250 ok", "451 busy", Temporary, "smtp 451"),
    ],
)
def test_what_the_server_says_decides(post, recipient, data, kind, reason):
    post.recipient, post.data = recipient, data
    with pytest.raises(kind) as failed:
        send()
    assert str(failed.value) == reason


def test_no_server_is_a_matter_of_time(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(Temporary):
        send()


def test_an_address_that_is_none_is_final(post):
    with pytest.raises(Permanent):
        send(to="gil@example.org\nBcc: x@example.org")
    assert post.got == []


def test_an_unknown_channel_is_final():
    with pytest.raises(Permanent):
        channels.send(
            SimpleNamespace(id=KEY, channel="pigeon"),
            "x",
            notices.render("operator.test", "en", SIX),
        )
