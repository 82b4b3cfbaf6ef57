"""When a contact sleeps: only what is urgent rings."""

import importlib
from datetime import UTC, datetime, time

import pytest
from django.apps import apps

from accounts import (
    contact_routes,
    contact_ways,
)
from accounts.contact_ways import Kind
from safety import incidents
from safety.models import Route
from tests.accounts.ways import (
    MAIL,
    NUMBER,
    danger,
    known,
    lasting,
    run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_gateway", "today")]


@pytest.mark.obligation("CN-16")
def test_the_word_that_it_is_over_does_not_ring_at_three_in_the_morning(ada, otto, now):
    """Nobody has set anything: it is night where the person lives."""
    lasting(ada, now)
    night = datetime(2026, 11, 24, 3, tzinfo=UTC)
    incident = danger(ada, night)
    run(night)
    incidents.claim(operator=otto.id, now=night, incident=incident.id)
    incidents.close(
        incident=incident.id, operator=otto.id, reason="safe", note="", now=night
    )
    run(night)
    alarm, over = incident.deliveries.filter(contact__isnull=False).order_by(
        "created_at", "due_at"
    )
    assert (alarm.template, alarm.state) == ("contact.notice", "sent")
    assert (over.template, over.state) == ("contact.all_clear", "pending")
    assert over.due_at == night.replace(hour=7)


def test_hours_hold_for_every_way_and_for_those_that_come_later(
    gil, token, now, gateway
):
    quiet = (time(23), time(5))
    contact_ways.change_hours(
        token=token, quiet=quiet, time_zone="Asia/Shanghai", now=now
    )
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    held = {
        (row.quiet_from, row.quiet_until, row.time_zone)
        for row in contact_routes.own(gil)
    }
    assert held == {(*quiet, "Asia/Shanghai")}
    contact_ways.change_hours(token=token, quiet=None, time_zone="UTC", now=now)
    assert contact_routes.hours(gil) == (None, "UTC")


def test_older_contacts_get_the_quiet_nights_and_their_numbers_wait_for_a_code(
    gil, token, now, gateway
):
    contact_ways.add(token=token, kind=Kind.PHONE, address=NUMBER, now=now)
    Route.objects.update(quiet_from=None, quiet_until=None, state="confirmed")
    module = importlib.import_module("safety.migrations.0009_ways_are_proved")
    module.as_new_ones(apps, None)
    assert known(gil) == [MAIL, ("sms", "unconfirmed"), ("voice", "unconfirmed")]
    assert contact_routes.hours(gil)[0] == (time(22), time(7))
