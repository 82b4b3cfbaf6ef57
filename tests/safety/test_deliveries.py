"""The outbox: what is written into it, and when it is due."""

from datetime import timedelta

import pytest

from safety import deliveries
from tests.safety import people

pytestmark = pytest.mark.django_db


def seconds(count):
    return timedelta(seconds=count)


def test_one_route_gets_one_notice_a_minute_after_the_first_two(now):
    route = people.contact_route()
    incident = people.signal(now)
    due = [
        deliveries.enqueue(
            route=route, template="contact.notice", incident=incident, now=now
        ).due_at
        for _ in range(4)
    ]
    assert due == [now, now, now + seconds(60), now + seconds(120)]
