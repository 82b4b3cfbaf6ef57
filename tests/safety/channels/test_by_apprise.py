"""A notice through Apprise against a real HTTP gateway that answers as told."""

import json
import logging
import time
import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest

from safety import channels, notices
from safety.channels import Permanent, Temporary, by_apprise
from safety.channels.addresses import schemes
from safety.policy import POLICY
from tests.safety.gateways import http_gateway
from tests.safety.test_notices import SIX

KEY = uuid.UUID(int=9)
HOOK = SimpleNamespace(id=KEY, channel="apprise")


@pytest.fixture
def gateway(settings):
    settings.NOTICE_PRIVATE_HOSTS = ["127.0.0.1"]
    with http_gateway() as server:
        yield server


def send(gateway, language="en"):
    text = notices.render("contact.notice", language, SIX)
    return channels.send(HOOK, f"json://{gateway.address}/hook", text)


def test_a_webhook_gets_the_text_and_the_key(gateway):
    send(gateway)
    ((path, headers, body),) = gateway.got
    assert path == "/hook"
    assert headers["Idempotency-Key"] == str(KEY)
    text = notices.render("contact.notice", "en", SIX)
    assert json.loads(body)["message"].split() == text.body.split()
    assert json.loads(body)["title"] == text.subject


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ((429, b""), Temporary, "http 429"),
        ((500, b""), Temporary, "http 500"),
        ((503, b""), Temporary, "http 503"),
        ((400, b""), Permanent, "http 400"),
        ((401, b""), Permanent, "http 401"),
        ((404, b""), Permanent, "http 404"),
        ((302, b""), Permanent, "http 302"),
        ("cut", Temporary, "no connection"),
    ],
)
def test_what_the_provider_answers_decides(gateway, answer, kind, reason):
    gateway.answer = answer
    with pytest.raises(kind) as failed:
        send(gateway)
    assert str(failed.value) == reason


def test_a_redirect_is_not_followed(gateway):
    gateway.answer = (302, b"")
    with pytest.raises(Permanent):
        send(gateway)
    assert [path for path, _, _ in gateway.got] == ["/hook"]


def test_a_provider_that_hangs_is_left_after_the_time_limit(gateway, monkeypatch):
    quick = replace(POLICY, notice=replace(POLICY.notice, timeout=1))
    monkeypatch.setattr(channels, "POLICY", quick)
    gateway.answer = "hang"
    begun = time.monotonic()
    with pytest.raises(Temporary):
        send(gateway)
    assert time.monotonic() - begun < 2


def test_nothing_listens(gateway):
    gateway.server_close()
    with pytest.raises(Temporary, match="no connection"):
        send(gateway)


def test_a_private_host_is_final_when_it_has_become_one(gateway, settings):
    """The address was fine when it was saved; its name leads elsewhere now."""
    settings.NOTICE_PRIVATE_HOSTS = []
    text = notices.render("contact.notice", "en", SIX)
    for address in ("jsons://localhost/x", f"json://{gateway.address}/x"):
        with pytest.raises(Permanent):
            channels.send(HOOK, address, text)
    assert gateway.got == []


@pytest.mark.parametrize(
    ("scheme", "body", "kind"),
    [
        (
            "dingtalk",
            b'{"errcode": 310000}',
            Permanent,
        ),
        ("dingtalk", b'{"errcode": 130101}', Temporary),
        ("wecombot", b'{"errcode": 93000}', Permanent),
        ("wecombot", b'{"errcode": 45009}', Temporary),
        ("feishu", b'{"code": 19024}', Permanent),
        ("feishu", b'{"code": 9499}', Temporary),
    ],
)
def test_a_refusal_behind_status_200_is_a_refusal(scheme, body, kind):
    """DingTalk, WeCom and Feishu say "no" in the answer and "ok" in its status."""
    answer = by_apprise.Answer(200, body)
    with pytest.raises(kind):
        by_apprise._judge(schemes()[scheme], True, [answer])


@pytest.mark.parametrize(
    ("scheme", "body"),
    [
        ("dingtalk", b'{"errcode": 0}'),
        ("wecombot", b'{"errcode": 0}'),
        ("feishu", b'{"code": 0}'),
        ("jsons", b"thanks"),
    ],
)
def test_what_was_taken_was_taken(scheme, body):
    by_apprise._judge(schemes()[scheme], True, [by_apprise.Answer(200, body)])


def test_neither_address_nor_text_stands_in_a_log(gateway, caplog):
    caplog.set_level(logging.DEBUG, logger="safety")
    gateway.answer = (500, b"")
    with pytest.raises(Temporary):
        send(gateway)
    assert [word for word in ("/hook", "Ada") if word in caplog.text] == []


def test_every_provider_of_the_table_is_known_to_apprise():
    from apprise import Apprise  # noqa: PLC0415 - heavy

    known = set()
    for entry in Apprise().details()["schemas"]:
        for kind in ("protocols", "secure_protocols"):
            known |= set(entry[kind] or ())
    assert set(schemes()) - known == set()
