"""That it is over is told to whoever was told before, once, and to nobody else."""

from datetime import UTC, datetime, time, timedelta

import pytest

from safety import deliveries, duties, incidents, leases, sending
from safety.models import Delivery, Incident, IncidentKind, Route
from tests.safety import cast, fickle, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fickle(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    fickle.mood = "takes"


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def close(incident, now):
    incidents.claim(operator=people.OTTO, now=now, incident=incident.pk)
    incidents.close(
        incident=incident.pk, operator=people.OTTO, reason="safe", note="", now=now
    )


def all_clear():
    rows = Delivery.objects.filter(template="contact.all_clear")
    return list(rows.order_by("created_at").values_list("contact", "state"))


@pytest.mark.obligation("CN-16")
def test_who_was_told_hears_that_a_human_has_closed_the_case(now):
    people.contact_route()
    people.contact_route(owner=people.GRETE)  # would have been told later
    incident = people.signal(now)
    run(now)
    close(incident, now)
    run(now)
    assert all_clear() == [(people.GIL, "sent")]
    run(now + timedelta(days=1))
    assert all_clear() == [(people.GIL, "sent")]


def test_it_goes_the_way_that_was_answered(now):
    people.contact_route(position=0)
    second = people.contact_route(position=1)
    incident = people.signal(now)
    run(now)
    run(now + timedelta(seconds=120))
    told = Delivery.objects.get(route=second)
    deliveries.acknowledge(token=deliveries.ack_token(told), now=now)
    close(incident, now)
    run(now + timedelta(seconds=121))
    (word,) = Delivery.objects.filter(template="contact.all_clear")
    assert word.route == second


def test_who_was_not_reached_hears_nothing(now):
    people.contact_route()
    fickle.mood = "refuses"
    incident = people.signal(now)
    run(now)
    fickle.mood = "takes"
    close(incident, now)
    run(now)
    assert all_clear() == []


def test_a_notice_on_its_way_is_waited_for(now):
    people.contact_route()
    incident = people.signal(now)
    duties.run_due(now=now)
    on_its_way = leases.claim(Delivery, sending.CLAIMS, now=now, full=[])
    close(incident, now)
    duties.run_due(now=now)
    assert all_clear() == []
    leases.move(on_its_way, sending.CLAIMS, state="sent", sent_at=now)
    run(now + timedelta(seconds=5))
    assert all_clear() == [(people.GIL, "sent")]


def test_no_word_of_an_end_while_a_new_danger_is_open(now):
    people.contact_route()
    incident = people.signal(now)
    run(now)
    close(incident, now)
    people.signal(now)
    run(now)
    assert all_clear() == []


NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.fixture
def asleep():
    people.contact_route()
    Route.objects.update(quiet_from=time(22), quiet_until=time(7))


@pytest.mark.usefixtures("asleep")
def test_the_word_that_it_is_over_waits_for_the_morning_and_the_alarm_does_not():
    incident = people.signal(NIGHT)
    run(NIGHT)
    assert incident.deliveries.get(contact=people.GIL).state == "sent"
    close(incident, NIGHT)
    run(MORNING - timedelta(seconds=1))
    assert all_clear() == [(people.GIL, "pending")]
    run(MORNING)
    assert all_clear() == [(people.GIL, "sent")]


@pytest.mark.usefixtures("asleep")
def test_a_new_danger_of_the_night_takes_back_the_word_that_it_is_over():
    incident = people.signal(NIGHT)
    run(NIGHT)
    close(incident, NIGHT)
    run(NIGHT)
    again = people.signal(NIGHT + timedelta(hours=2))
    run(MORNING)
    assert all_clear() == [(people.GIL, "cancelled")]
    close(again, MORNING)
    for minutes in (6, 7, 8):  # one a minute by one route
        run(MORNING + timedelta(minutes=minutes))
    assert all_clear() == [(people.GIL, "cancelled")] + [(people.GIL, "sent")] * 2
    words = Delivery.objects.filter(template="contact.all_clear", state="sent")
    assert {row.incident_id for row in words} == {incident.pk, again.pk}


def test_who_was_told_once_hears_the_end_also_after_a_danger_they_were_not_told_of(
    now,
):
    people.contact_route()
    incident = people.signal(now)
    run(now)
    close(incident, now)
    people.signal(now, people.TREND)  # for the team alone
    run(now + timedelta(hours=1))
    assert all_clear() == []
    close(Incident.objects.exclude(pk=incident.pk).get(), now + timedelta(hours=1))
    run(now + timedelta(hours=1, minutes=6))
    assert all_clear() == [(people.GIL, "sent")]


def test_a_guardian_who_may_be_part_of_the_danger_hears_nothing_more(now):
    people.contact_route(contact_kind="guardian")
    incident = people.signal(now)
    run(now)
    incidents.claim(operator=people.OTTO, now=now, incident=incident.pk)
    incidents.implicate_guardian(incident=incident.pk, operator=people.OTTO, now=now)
    close(incident, now)
    run(now)
    assert all_clear() == []


def test_a_drill_has_no_end_to_tell(now):
    people.contact_route()
    incident = people.signal(now, subject=cast.ADA, kind=IncidentKind.DRILL)
    run(now)
    close(incident, now)
    run(now)
    assert all_clear() == []
