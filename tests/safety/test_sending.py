"""Sending: tries and their pauses, the next step, answers, slots."""

from datetime import timedelta

import pytest

from safety import deliveries, duties, leases, sending
from safety.models import Delivery, DeliveryAttempt
from tests.safety import fickle, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fickle(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    fickle.mood = "takes"


def seconds(count):
    return timedelta(seconds=count)


def told(now):
    """Somebody in danger whose contact has two routes; the first notice is due."""
    people.on_duty(now)
    people.contact_route(position=0)
    people.contact_route(position=1)
    incident = people.signal(now)
    duties.run_due(now=now)
    return incident, Delivery.objects.get(contact__isnull=False)


def test_tries_come_after_0_5_15_45_120_seconds_give_or_take_a_fifth(now):
    _incident, delivery = told(now)
    fickle.mood = "later"
    waits, at = [], now
    for _ in range(4):
        assert sending.send_due(now=at) == 1
        delivery.refresh_from_db()
        assert delivery.state == "pending"
        waits.append((delivery.due_at - at).total_seconds())
        at = delivery.due_at
    for wait, middle in zip(waits, (5, 15, 45, 120), strict=True):
        assert 0.8 * middle <= wait <= 1.2 * middle
    sending.send_due(now=at)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("dead", 5)


def test_a_refusal_is_final_and_the_next_channel_is_due_at_once(now):
    incident, _first = told(now)
    fickle.mood = "refuses"
    sending.send_due(now=now)
    fickle.mood = "takes"
    duties.run_due(now=now)
    sending.send_due(now=now)
    states = incident.deliveries.order_by("created_at").values_list("state", flat=True)
    assert list(states) == ["dead", "sent"]


def test_a_process_that_died_after_sending_leaves_it_to_another_with_the_same_key(now):
    _incident, delivery = told(now)
    claimed = leases.claim(Delivery, sending.CLAIMS, now=now, full=[])
    Delivery.objects.update(holder=0)  # a session that does not exist
    assert (claimed.pk, sending.send_due(now=now)) == (delivery.pk, 1)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_id) == ("sent", str(delivery.pk))


def test_an_answer_while_it_is_being_sent_is_kept(now):
    _incident, delivery = told(now)
    mine = leases.claim(Delivery, sending.CLAIMS, now=now, full=[])
    deliveries.acknowledge(token=deliveries.ack_token(delivery), now=now)
    with pytest.raises(leases.Lost):
        leases.move(mine, sending.CLAIMS, state="sent")
    delivery.refresh_from_db()
    assert delivery.state == "acked"


def test_what_failed_before_the_answer_is_not_tried_again_after_it(now):
    incident, first = told(now)
    sending.send_due(now=now)
    fickle.mood = "later"
    duties.hasten(incident=incident, kind="notify", now=now)
    duties.run_due(now=now)
    second = leases.claim(Delivery, sending.CLAIMS, now=now, full=[])
    deliveries.acknowledge(token=deliveries.ack_token(first), now=now)
    Delivery.objects.filter(pk=second.pk).update(holder=0)
    sending.send_due(now=now)
    second.refresh_from_db()
    assert second.state == "cancelled"
    newest = DeliveryAttempt.objects.order_by("id").last()
    assert newest.result == "no longer needed"


def test_a_channel_that_hangs_leaves_room_for_others(now):
    told(now)
    sending._sending["test"] = 5
    try:
        assert sending.send_due(now=now) == 0
    finally:
        sending._sending.clear()
    assert sending.send_due(now=now) == 1
