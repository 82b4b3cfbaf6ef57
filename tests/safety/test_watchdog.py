"""The watchdog: what it takes over, what it tells, and the canary it flies."""

import time
from datetime import timedelta

import pytest
from django.core import mail

from safety import alarm, canary, clock, duties, heartbeats, tasks, watchdog
from safety.models import Delivery, Duty, Heartbeat, Incident
from safety.policy import POLICY
from tests.safety import people
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


class Voice:
    def __init__(self):
        self.told = []

    def submit(self, what, *arguments):
        self.told.append((what.__name__, *arguments))


class Runners:
    def __init__(self):
        self.asked = []

    def submit(self, what, overdue):
        self.asked.append(overdue.total_seconds())
        return Done()


class Done:
    def done(self):
        return True


def watching():
    made = watchdog.Watch(begun=time.monotonic() - 1000, runners=Runners())
    made.voice = Voice()
    made.flew_at = time.monotonic()  # no canary, unless a test wants one
    return made


def pulse(kind, seconds_ago):
    at = clock.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.update_or_create(kind=kind, process="p", defaults={"at": at})


@pytest.mark.parametrize(
    ("silent", "overdue", "told"),
    [(1, 3.0, []), (16, 0.0, []), (21, 0.0, [("call", "celery")])],
)
def test_silence_of_celery_means_doing_everything_and_then_an_alarm(
    silent, overdue, told
):
    watch = watching()
    pulse(heartbeats.CELERY, silent)
    watch.look()
    assert (watch.runners.asked, watch.voice.told) == ([overdue], told)
    assert heartbeats.age(heartbeats.WATCHDOG, clock.now()).total_seconds() < 5


def test_a_young_watchdog_does_not_hold_the_past_against_celery():
    watch = watching()
    watch.begun = time.monotonic()
    pulse(heartbeats.CELERY, 5000)
    watch.look()
    assert watch.runners.asked == [3.0]


def test_the_same_trouble_is_told_once_until_it_is_over():
    watch = watching()
    for silent in (30, 30, 1, 30):
        pulse(heartbeats.CELERY, silent)
        watch.look()
    assert watch.voice.told == [("call", "celery")] * 2


def test_what_is_late_or_parked_is_told():
    watch = watching()
    pulse(heartbeats.CELERY, 0)
    due = clock.now() - timedelta(seconds=POLICY.watchdog.late + 1)
    duties.write(kind="x", due_at=due, subject=people.GIL)
    duties.write(kind="x", due_at=due, subject=people.GRETE)
    Duty.objects.filter(subject=people.GRETE).update(state="parked")
    watch.look()
    assert watch.voice.told == [("call", "late"), ("call", "parked")]


def test_a_made_up_cry_goes_the_whole_way_and_then_somebody_outside_is_told():
    watch = watching()
    watch.flew_at = 0.0
    pulse(heartbeats.CELERY, 0)
    watch.look()
    assert watch.voice.told == []
    tasks.work()
    watch.look()
    assert watch.voice.told == [("_ping",)]
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.state) == ("test", "sent")


def test_a_canary_that_does_not_arrive_is_an_alarm():
    watch = watching()
    watch.flight = canary.start()
    watch.flew_at = time.monotonic() - POLICY.watchdog.late - 1
    pulse(heartbeats.CELERY, 0)
    watch.look()
    assert watch.voice.told == [("call", "canary")]


def test_canaries_concern_nobody_and_end_with_the_next():
    canary.start()
    second = canary.start()
    assert not AuditEntry.objects.filter(act__startswith="incident").exists()
    states = dict(Incident.objects.values_list("pk", "state"))
    assert states[second.pk] == "open" and sorted(states.values()) == ["closed", "open"]
    assert not Duty.objects.filter(state="waiting").exclude(incident=second).exists()


def test_an_alarm_says_the_part_in_both_languages_and_nothing_else(settings):
    settings.ALARM_MAIL_TO = ["provider@example.org"]
    assert alarm.call("celery") == 1
    sent = mail.outbox[0]
    assert (
        sent.subject
        == "Companion: the worker is silent / Companion：后台任务进程无响应"
    )


def test_an_alarm_that_cannot_be_sent_breaks_nothing(settings):
    settings.ALARM_WEBHOOK = "http://127.0.0.1:1/"
    assert alarm.call("late") == 0
