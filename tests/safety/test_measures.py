"""How long people waited: exact figures from rows, every miss named."""

from datetime import timedelta
from uuid import uuid4

import pytest

from safety import deliveries, duties, incidents, measures, sending
from safety.measures import Measure, Value
from safety.models import Delivery, Incident, IncidentKind
from safety.verdict import AgeBand, Subject
from tests.safety import people

pytestmark = pytest.mark.django_db


def seconds(count):
    return timedelta(seconds=count)


def stranger():
    return Subject(uuid4(), AgeBand.ADULT, "GB", "en", "UTC")


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def measured(now, kind=IncidentKind.REAL):
    found = measures.rows(since=now - timedelta(days=1), kind=kind)
    return {one.id: one for one in measures.all_of(found, now)}


@pytest.mark.obligation("CN-16")
def test_each_wait_from_the_rows_of_a_whole_incident(now):
    people.contact_route(owner=people.GIL)
    incident = people.signal(now)
    run(now + seconds(3))
    incidents.claim(operator=people.OTTO, now=now + seconds(50), incident=incident.id)
    incidents.replied(incident=incident.id, operator=people.OTTO, now=now + seconds(65))
    told = Delivery.objects.get(contact=people.GIL)
    deliveries.acknowledge(token=deliveries.ack_token(told), now=now + seconds(123))
    found = measured(now + seconds(200))
    assert {name: one.seconds for name, one in found.items()} == {
        "claim": [50.0],
        "first_reply": [65.0],
        "first_notice": [3.0],
        "acknowledged": [120.0],
    }
    assert [one.misses for one in found.values()] == [[], [], [], []]


def test_what_waits_within_its_goal_is_neither_good_nor_bad(now):
    incident = people.signal(now)
    early, late = measured(now + seconds(119)), measured(now + seconds(121))
    assert early["claim"].values == ()
    assert late["claim"].values == (Value(incident.id, now, None, True),)
    assert late["claim"].misses[0].code == incident.code


def test_whoever_comes_late_counts_as_a_miss_and_as_a_wait(now):
    incident = people.signal(now)
    incidents.claim(operator=people.OTTO, now=now + seconds(121), incident=incident.id)
    claim = measured(now + seconds(500))["claim"]
    assert (claim.seconds, len(claim.misses)) == ([121.0], 1)


def test_a_contact_that_nobody_could_write_to_is_a_miss(now):
    """Nobody agreed to be told: the first notice has not left."""
    people.signal(now)
    run(now)
    notice = measured(now + seconds(60))["first_notice"]
    assert [value.seconds for value in notice.misses] == [None]


def test_drills_tests_and_watched_cases_are_counted_apart(now):
    people.signal(now, subject=stranger(), kind=IncidentKind.DRILL)
    people.signal(now, subject=stranger(), kind=IncidentKind.CANARY)
    people.signal(now, people.TREND, subject=stranger())
    later = now + seconds(500)
    assert measured(later)["claim"].values == ()
    assert len(measured(later, IncidentKind.DRILL)["claim"].values) == 1
    assert Incident.objects.count() == 3


@pytest.mark.parametrize(
    ("part", "value"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)]
)
def test_quantiles_by_nearest_rank(now, part, value):
    values = tuple(Value(uuid4(), now, float(n), False) for n in range(1, 101))
    assert Measure("claim", 120, values).quantile(part) == value


def test_a_quantile_of_one_and_of_none(now):
    one = Measure("claim", 120, (Value(uuid4(), now, 7.0, False),))
    assert [one.quantile(part) for part in measures.QUANTILES] == [7.0, 7.0, 7.0]
    assert Measure("claim", 120, ()).quantile(0.5) is None
