"""The questions asked from outside, and when safety answers that it is not well."""

from datetime import timedelta
from uuid import uuid4

import pytest

from companion.voice_bank import choice, line_for
from safety import clock, duties
from safety.models import Heartbeat

pytestmark = pytest.mark.django_db


def pulse(kind, seconds_ago=0):
    at = clock.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.create(kind=kind, process="p", at=at)


def asked(client):
    answer = client.get("/healthz/safety")
    return answer.status_code, answer.content.decode().split("\n")[:-1]


def test_both_pulses_and_nothing_late_is_well(client):
    pulse("celery")
    pulse("watchdog", 10)
    assert asked(client) == (200, ["ok"])


def test_a_missing_pulse_is_named(client):
    pulse("celery", 13)
    assert asked(client) == (503, ["no pulse: celery", "no pulse: watchdog"])


def test_a_late_duty_is_named(client):
    pulse("celery")
    pulse("watchdog")
    due = clock.now() - timedelta(seconds=31)
    duties.write(kind="notify", due_at=due, subject=uuid4())
    assert asked(client) == (503, ["a duty is late"])


def test_whether_somebody_is_on_duty_is_asked_from_outside(client, db):
    from tests.safety import people  # noqa: PLC0415 - here alone

    nobody = client.get("/healthz/duty")
    assert (nobody.status_code, nobody.content) == (503, b"0 on duty\n")
    people.on_duty(clock.now())
    somebody = client.get("/healthz/duty")
    assert (somebody.status_code, somebody.content) == (200, b"1 on duty\n")


def test_a_voice_bank_that_cannot_be_used_is_named(client, monkeypatch, settings):
    monkeypatch.setattr(choice, "_trouble", {})
    assert client.get("/healthz/voices").status_code == 200
    settings.VOICE_BANK = "on"
    assert line_for(slug="nobody", language="en", said="Hello there", tried=()) == ""
    answer = client.get("/healthz/voices")
    assert answer.status_code == 503
    assert answer.content == b"no voice bank: nobody en (FileNotFoundError)\n"
