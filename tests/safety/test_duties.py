"""Duties: done once, whoever dies; parked when they break; the late to the watchdog."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from safety import clock, duties, leases
from safety.models import Duty
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch):
    """A kind of duty that only counts; it breaks when its facts say so."""
    seen = []

    def handle(duty, now):
        if duty.facts.get("breaks"):
            raise ZeroDivisionError
        seen.append(duty.pk)
        again = duty.facts.get("again")
        return now + timedelta(seconds=again) if again else None

    monkeypatch.setitem(duties._handlers, "test", handle)
    return seen


def write(now, step=0, **facts):
    return duties.write(
        kind="test", due_at=now, subject=uuid4(), step=step, facts=facts
    )


def test_what_is_due_is_done_once_and_what_is_not_waits(now, done):
    duty = write(now)
    later = write(now + timedelta(seconds=1))
    assert [duties.run_due(now=now), duties.run_due(now=now)] == [1, 0]
    assert done == [duty.pk]
    assert Duty.objects.get(pk=later.pk).state == "waiting"


def test_the_same_duty_is_written_once(now):
    subject = uuid4()
    first = duties.write(kind="test", due_at=now, subject=subject)
    again = duties.write(kind="test", due_at=now, subject=subject)
    assert first == again


def test_without_a_time_the_clock_of_the_database_decides(done):
    write(clock.now() + timedelta(seconds=60))
    due = write(clock.now() - timedelta(seconds=1))
    assert (duties.run_due(), done) == (1, [due.pk])


def test_a_handler_may_ask_to_be_called_again(now, done):
    duty = write(now, again=30)
    assert duties.run_due(now=now) == 1
    duty.refresh_from_db()
    assert (duty.state, duty.due_at) == ("waiting", now + timedelta(seconds=30))


def test_one_that_breaks_is_tried_five_times_then_parked_and_the_good_go_on(now, done):
    bad, good = write(now, breaks=1), write(now)
    for second in range(60):
        duties.run_due(now=now + timedelta(seconds=second))
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, done) == ("parked", 5, [good.pk])
    entry = AuditEntry.objects.get(act="duty.parked")
    assert entry.facts["duty"] == str(bad.pk)


def test_one_whose_tries_each_end_their_process_is_parked_unread(now, done):
    duty = write(now)
    Duty.objects.update(attempts=5)
    duties.run_due(now=now)
    duty.refresh_from_db()
    assert (duty.state, done) == ("parked", [])


def test_a_live_claim_is_respected_until_its_lease_ends(now, done):
    write(now)
    assert leases.claim(Duty, duties.CLAIMS, now=now)
    assert duties.run_due(now=now + timedelta(seconds=29)) == 0
    assert duties.run_due(now=now + timedelta(seconds=30)) == 1


def test_the_claim_of_a_dead_session_is_free_at_once(now, done):
    write(now)
    leases.claim(Duty, duties.CLAIMS, now=now)
    with connection.cursor() as cursor:
        cursor.execute("select max(pid) + 1 from pg_stat_activity")
        Duty.objects.update(holder=cursor.fetchone()[0])
    assert duties.run_due(now=now) == 1


def test_who_lost_the_claim_writes_nothing(now, done):
    write(now)
    mine = leases.claim(Duty, duties.CLAIMS, now=now)
    later = now + timedelta(seconds=31)
    leases.claim(Duty, duties.CLAIMS, now=later)
    with pytest.raises(leases.Lost):
        leases.move(mine, duties.CLAIMS, state="done")
    assert Duty.objects.get().state == "waiting"


def test_the_watchdog_takes_only_what_is_late(now, done):
    write(now)
    late = timedelta(seconds=3)
    assert duties.run_due(now=now + timedelta(seconds=2), overdue=late) == 0
    assert duties.run_due(now=now + timedelta(seconds=3), overdue=late) == 1


def test_one_kind_has_one_handler(done):
    with pytest.raises(ValueError):
        duties.handler("test")(lambda duty, now: None)
