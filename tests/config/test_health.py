"""The questions asked from outside, and when safety answers that it is not well."""

import os
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from companion.voice_bank import Opening, choice, line_for
from safety import clock, deliveries, duties
from safety.models import Heartbeat
from tests.safety import people

pytestmark = pytest.mark.django_db


def pulse(kind, seconds_ago=0, process="p"):
    at = clock.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.create(kind=kind, process=process, at=at)


def asked(client, path="/healthz/safety"):
    answer = client.get(path)
    return answer.status_code, answer.content.decode().split("\n")[:-1]


@pytest.fixture
def no_database():
    """PostgreSQL ends the session of this test, as when it dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (session,) = cursor.fetchone()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [session])


ALL = (
    "healthz",
    "readyz",
    "healthz/safety",
    "healthz/duty",
    "healthz/voices",
    "healthz/look",
)


@pytest.mark.parametrize("path", ALL)
def test_each_is_only_asked_and_never_kept(client, path):
    asked_again = client.get(f"/{path}")
    assert "no-store" in asked_again.headers["Cache-Control"]
    assert asked_again.headers["Content-Type"] == "text/plain"
    assert client.head(f"/{path}").status_code == asked_again.status_code
    assert client.post(f"/{path}").status_code == 405


def test_a_process_and_its_database_are_well(client):
    assert asked(client, "/healthz") == (200, ["ok"])
    assert asked(client, "/readyz") == (200, ["ok"])


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/healthz", (200, ["ok"])),  # the process lives: restarting it helps nobody
        ("/readyz", (503, ["no database"])),
        ("/healthz/safety", (503, ["no database"])),
        ("/healthz/duty", (503, ["no database"])),
    ],
)
def test_without_a_database(client, path, answer):
    assert asked(client, path) == answer


def test_both_pulses_and_nothing_late_is_well(client):
    pulse("celery")
    pulse("watchdog", 10)
    assert asked(client) == (200, ["ok"])


def test_a_missing_pulse_is_named(client):
    pulse("celery", 13)
    assert asked(client) == (503, ["no pulse: celery", "no pulse: watchdog"])


def test_a_pulse_that_is_a_little_old_is_one(client):
    pulse("celery", 11)
    pulse("watchdog", 11)
    assert asked(client) == (200, ["ok"])


def test_of_several_processes_of_a_kind_one_is_enough(client):
    pulse("celery", 300, "gone")
    pulse("celery")
    pulse("watchdog", 13)
    assert asked(client) == (503, ["no pulse: watchdog"])


@pytest.mark.parametrize(
    ("seconds", "answer"), [(29, (200, ["ok"])), (31, (503, ["a duty is late"]))]
)
def test_a_late_duty_is_named(client, seconds, answer):
    pulse("celery")
    pulse("watchdog")
    due = clock.now() - timedelta(seconds=seconds)
    duties.write(kind="notify", due_at=due, subject=uuid4())
    assert asked(client) == answer


def test_a_notice_that_is_not_sent_in_time_is_late_too(client):
    pulse("celery")
    pulse("watchdog")
    due = clock.now() - timedelta(seconds=31)
    told = people.contact_route()
    deliveries.enqueue(route=told, template="contact.notice", now=due)
    assert asked(client) == (503, ["a duty is late"])


def test_all_trouble_is_named_at_once(client):
    due = clock.now() - timedelta(seconds=31)
    duties.write(kind="notify", due_at=due, subject=uuid4())
    everything = ["no pulse: celery", "no pulse: watchdog", "a duty is late"]
    assert asked(client) == (503, everything)


def test_whether_somebody_is_on_duty_is_asked_from_outside(client, db):
    nobody = client.get("/healthz/duty")
    assert (nobody.status_code, nobody.content) == (503, b"0 on duty\n")
    people.on_duty(clock.now())
    somebody = client.get("/healthz/duty")
    assert (somebody.status_code, somebody.content) == (200, b"1 on duty\n")


def test_a_voice_bank_that_cannot_be_used_is_named(client, monkeypatch, settings):
    monkeypatch.setattr(choice, "_trouble", {})
    assert client.get("/healthz/voices").status_code == 200
    settings.VOICE_BANK = "on"
    assert line_for(Opening("nobody", "en", "", "Hello there")) == ""
    answer = client.get("/healthz/voices")
    assert answer.status_code == 503
    assert answer.content == b"no voice bank: nobody en (FileNotFoundError)\n"
