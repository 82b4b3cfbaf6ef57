"""Who does duties because nobody else did."""

from datetime import timedelta

import pytest

from safety import clock, tasks
from safety.models import Delivery
from tests.safety import fickle, people

pytestmark = pytest.mark.django_db
LATE = timedelta(seconds=3)


@pytest.fixture(autouse=True)
def _fickle(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    fickle.mood = "takes"


def told():
    rows = Delivery.objects.filter(contact__isnull=False)
    return list(rows.values_list("state", flat=True))


def test_what_is_not_late_is_left_to_those_who_do_it():
    people.contact_route()
    people.signal(clock.now())
    assert tasks.work(LATE) == 0
    assert told() == []


def test_the_notice_of_a_late_duty_is_sent_at_once():
    people.contact_route()
    people.signal(clock.now() - LATE)
    tasks.work(LATE)
    assert told() == ["sent"]
