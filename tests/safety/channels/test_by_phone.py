"""Text messages and calls: the number in the route, the gateway in the settings."""

import json
import uuid
from types import SimpleNamespace

import pytest

from safety import channels, notices
from safety.channels import Permanent
from tests.safety.gateways import phone_gateway
from tests.safety.test_notices import SIX

NUMBER = "+4915112345678"


@pytest.fixture
def gateway(settings):
    with phone_gateway(settings) as server:
        yield server


def send(channel):
    text = notices.render("contact.notice", "zh-hans", SIX)
    channels.send(SimpleNamespace(id=uuid.UUID(int=3), channel=channel), NUMBER, text)
    return text


@pytest.mark.parametrize(("channel", "place"), [("sms", "sms"), ("voice", "call")])
def test_the_short_words_go_to_the_number(gateway, channel, place):
    text = send(channel)
    ((path, headers, body),) = gateway.got
    assert path.replace("%2B", "+") == f"/{place}/{NUMBER}"
    assert headers["Idempotency-Key"] == str(uuid.UUID(int=3))
    assert json.loads(body)["message"] == text.short


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_without_a_gateway_another_way_is_taken(settings, channel):
    settings.NOTICE_SMS_URL = settings.NOTICE_VOICE_URL = ""
    with pytest.raises(Permanent, match="no gateway"):
        send(channel)
