"""What is put into a notice when it is sent, and quiet hours."""

from datetime import UTC, datetime, time

import pytest

from safety import channels, deliveries, gaps, quiet, sending
from safety.models import Delivery, Route
from tests.safety import people

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


def quiet_route(zone="UTC", begin=time(22), end=time(7)):
    route = people.contact_route()
    Route.objects.update(time_zone=zone, quiet_from=begin, quiet_until=end)
    route.refresh_from_db()
    return route


def test_the_gaps_of_a_notice(now, settings):
    settings.PUBLIC_URL = "https://chat.example.org"
    people.contact_route()
    incident = people.signal(now)
    told = deliveries.enqueue(
        route=people.contact_route(owner=people.GRETE),
        template="contact.notice",
        incident=incident,
        now=now,
    )
    filled = gaps.of(told, token="t" * 64)
    assert filled == {
        "service": "Companion",
        "name": "Gil",
        "code": incident.code,
        "time": "Nov. 23, 2026, noon (UTC)",
        "link": f"https://chat.example.org/notice/{'t' * 64}/",
        "number": "911",
    }


def test_the_time_is_that_of_the_reader(now):
    route = quiet_route(zone="Asia/Shanghai")
    told = deliveries.enqueue(route=route, template="operator.test", now=now)
    Delivery.objects.update(language="zh-hans")
    told.refresh_from_db()
    assert gaps.of(told, token="t")["time"] == "2026年11月23日 20:00 (CST)"


@pytest.mark.parametrize(
    ("begin", "end", "at", "then"),
    [
        (time(22), time(7), EVENING, datetime(2026, 11, 24, 7, tzinfo=UTC)),
        (
            time(22),
            time(7),
            datetime(2026, 11, 24, 6, 59, tzinfo=UTC),
            datetime(2026, 11, 24, 7, tzinfo=UTC),
        ),
        (
            time(22),
            time(7),
            datetime(2026, 11, 24, 7, tzinfo=UTC),
            datetime(2026, 11, 24, 7, tzinfo=UTC),
        ),
        (
            time(13),
            time(15),
            datetime(2026, 11, 24, 14, tzinfo=UTC),
            datetime(2026, 11, 24, 15, tzinfo=UTC),
        ),
        (time(13), time(15), EVENING, EVENING),
        (time(7), time(7), EVENING, EVENING),
    ],
)
def test_quiet_hours_end_in_the_morning(begin, end, at, then):
    assert quiet.after(route=quiet_route(begin=begin, end=end), at=at) == then


def test_quiet_hours_are_those_where_the_reader_lives():
    """22:30 in London is half past six in the morning in Shanghai."""
    route = quiet_route(zone="Asia/Shanghai")
    morning = datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert quiet.after(route=route, at=EVENING) == morning


@pytest.mark.obligation("CN-16")
def test_what_is_urgent_ignores_quiet_hours_and_what_is_not_waits():
    route = quiet_route()
    urgent = deliveries.enqueue(route=route, template="contact.notice", now=EVENING)
    over = deliveries.enqueue(route=route, template="operator.gap", now=EVENING)
    assert urgent.due_at == EVENING
    assert over.due_at == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_a_temporary_failure_is_kept_as_the_code_of_the_provider(now, monkeypatch):
    told = deliveries.enqueue(
        route=people.contact_route(), template="contact.notice", now=now
    )

    def busy(delivery, address, text):
        raise channels.Temporary("smtp 451")

    monkeypatch.setattr(channels, "send", busy)
    assert sending.send_due(now=now) == 1
    told.refresh_from_db()
    assert (told.state, told.failed_reason) == ("pending", "smtp 451")
