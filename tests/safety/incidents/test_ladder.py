"""The ladder, step by step: who is asked when nobody comes, and who is told."""

from datetime import timedelta

import pytest

from safety import deliveries, duties, incidents, sending
from safety.models import Delivery, Duty, Incident, OwnerKind, ShiftRole
from tests.safety import people
from vault import audit

pytestmark = pytest.mark.django_db


def seconds(count):
    return timedelta(seconds=count)


def run(now):
    """Everything that is due at a moment."""
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def told(incident, template):
    rows = Delivery.objects.filter(incident=incident, template=template)
    return list(rows.order_by("created_at").values_list("state", flat=True))


def test_a_plan_asks_responders_and_tells_the_contact_at_once(now):
    people.contact_route()
    people.operator_route()
    people.on_duty(now)
    incident = people.signal(now)
    run(now)
    incident.refresh_from_db()
    assert (incident.state, incident.severity) == ("offered", 3)
    assert told(incident, "contact.notice") == ["sent"]
    assert told(incident, "operator.offer") == ["sent"]


def test_nobody_claims_supervisor_then_all_hands_and_again(now):
    for operator in (people.OTTO, people.OLGA, people.SUE):
        people.operator_route(operator)
    people.contact_route()
    people.operator_route(people.GIL, owner_kind=OwnerKind.PROVIDER)
    people.on_duty(now)
    people.on_duty(now, people.SUE, ShiftRole.SUPERVISOR)
    incident = people.signal(now)
    states = {}
    for at in (0, 119, 120, 299, 300, 900):
        run(now + seconds(at))
        incident.refresh_from_db()
        states[at] = incident.state
    assert states == {
        0: "offered",
        119: "offered",
        120: "supervisor",
        299: "supervisor",
        300: "all_hands",
        900: "all_hands",
    }
    assert told(incident, "operator.supervisor") == ["sent"]
    assert told(incident, "operator.all_hands") == ["sent"] * 8
    assert incident.duties.filter(kind="all_hands", state="waiting").count() == 1


def test_nobody_on_duty_is_a_passed_deadline(now):
    people.operator_route(people.OLGA)
    incident = people.signal(now)
    run(now)
    incident.refresh_from_db()
    assert incident.state == "all_hands"
    assert told(incident, "operator.all_hands") == ["sent"]


def test_a_wish_tells_the_contact_when_nobody_claims_in_time(now):
    people.contact_route()
    people.on_duty(now)
    people.on_duty(now, people.SUE, ShiftRole.SUPERVISOR)
    incident = people.signal(now, people.WISH)
    run(now + seconds(119))
    assert told(incident, "contact.notice") == []
    run(now + seconds(120))
    assert told(incident, "contact.notice") == ["sent"]


def test_a_guess_of_a_model_never_calls_a_family(now):
    people.contact_route()
    for _ in range(3):
        incident = people.signal(now, people.GUESS)
    run(now + seconds(1000))
    assert told(incident, "contact.notice") == []
    incidents.confirm_danger(subject=incident.subject, now=now)
    run(now)
    assert told(incident, "contact.notice") == ["sent"]


def test_distress_alone_is_queued_on_a_trend(now):
    assert people.signal(now, people.SAD) is None
    incident = people.signal(now, people.TREND)
    assert incident.severity == 1
    run(now + seconds(4000))
    incident.refresh_from_db()
    assert incident.state == "offered"


def test_without_an_answer_next_channel_next_contact_rounds_and_a_call(now):
    people.contact_route(position=0)
    people.contact_route(position=1)
    people.contact_route(owner=people.GRETE)
    incident = people.signal(now)
    at = {}
    for after in range(0, 2400, 10):
        before = Delivery.objects.filter(contact__isnull=False).count()
        run(now + seconds(after))
        new = Delivery.objects.filter(contact__isnull=False).count() - before
        if new:
            at[after] = new
    assert at == dict.fromkeys((0, 120, 300, 600, 720, 900, 1200, 1320, 1500), 1)
    assert incidents.owes_call(incident)
    assert told(incident, "contact.notice") == ["sent"] * 2  # the first to each
    assert told(incident, "contact.repeat") == ["sent"] * 7


def test_nobody_to_tell_means_a_human_must_call_and_only_a_human_ends_that(now):
    people.operator_route()
    people.on_duty(now)
    incident = people.signal(now)
    run(now)
    owed = incident.duties.get(kind="manual_call")
    assert (owed.state, told(incident, "operator.call")) == ("waiting", ["sent"])
    incidents.claim(operator=people.OTTO, now=now)
    call(incident, incidents.NO_ANSWER, now)
    assert incidents.owes_call(incident)
    call(incident, incidents.REACHED, now)
    owed.refresh_from_db()
    assert (owed.state, incidents.owes_call(incident)) == ("done", False)


def test_an_answer_stops_what_has_not_begun(now):
    people.contact_route(position=0)
    people.contact_route(position=1)
    incident = people.signal(now)
    run(now)
    first = Delivery.objects.get(contact__isnull=False)
    deliveries.acknowledge(token=deliveries.ack_token(first), now=now)
    run(now + seconds(5000))
    assert told(incident, "contact.notice") == ["acked"]


def answer(delivery, now):
    deliveries.acknowledge(token=deliveries.ack_token(delivery), now=now)


@pytest.mark.obligation("CN-16")
def test_who_answered_is_told_again_when_the_danger_becomes_graver(now):
    people.contact_route()
    people.contact_route(owner=people.GRETE)
    people.on_duty(now, people.SUE, ShiftRole.SUPERVISOR)
    incident = people.signal(now, people.WISH)
    run(now + seconds(120))
    first = Delivery.objects.get(contact__isnull=False)
    answer(first, now + seconds(150))
    people.signal(now + seconds(160), people.WISH)
    run(now + seconds(160))
    assert told(incident, "contact.notice") == ["acked"]  # no graver than they know
    people.signal(now + seconds(200), people.PLAN)
    run(now + seconds(200))
    assert told(incident, "contact.notice") == ["acked", "sent"]
    run(now + seconds(499))
    assert told(incident, "contact.notice") == ["acked", "sent"]
    run(now + seconds(500))
    assert told(incident, "contact.notice") == ["acked", "sent", "sent"]
    assert [one.contact for one in contacts_of(incident)] == [
        people.GIL,
        people.GIL,
        people.GRETE,
    ]
    answer(contacts_of(incident)[1], now + seconds(510))
    run(now + seconds(9000))
    assert told(incident, "contact.notice") == ["acked", "acked", "sent"]


def contacts_of(incident):
    rows = incident.deliveries.filter(contact__isnull=False)
    return list(rows.order_by("ack_token__id"))


def test_a_graver_danger_does_not_wait_for_the_next_step_of_the_slower_list(now):
    people.contact_route()
    people.contact_route(owner=people.GRETE)
    incident = people.signal(now, people.WISH)
    run(now)  # nobody is on duty: told at once, the next contact after ten minutes
    people.signal(now + seconds(30), people.PLAN)
    run(now + seconds(30))
    run(now + seconds(330))
    assert [one.contact for one in contacts_of(incident)] == [
        people.GIL,
        people.GIL,
        people.GRETE,
    ]
    assert incident.duties.filter(kind="notify", state="waiting").count() == 1


def test_a_call_that_was_made_is_owed_anew_when_the_danger_becomes_graver(now):
    people.operator_route()
    people.on_duty(now)
    people.on_duty(now, people.SUE, ShiftRole.SUPERVISOR)
    incident = people.signal(now, people.WISH)
    run(now + seconds(120))
    incidents.claim(operator=people.OTTO, now=now + seconds(130))
    call(incident, incidents.REACHED, now + seconds(140))
    assert not incident.duties.filter(kind="manual_call", state="waiting").exists()
    people.signal(now + seconds(200), people.PLAN)
    run(now + seconds(200))
    assert incidents.owes_call(incident)


def call(incident, outcome, now):
    incidents.record_call(
        incident=incident.pk, operator=people.OTTO, outcome=outcome, now=now
    )


def test_a_lease_that_lapses_puts_the_case_back_and_asks_again(now):
    people.on_duty(now)
    people.on_duty(now, people.SUE, ShiftRole.SUPERVISOR)
    incident = people.signal(now)
    run(now)
    incidents.claim(operator=people.OTTO, now=now)
    incidents.renew(incident=incident.pk, operator=people.OTTO, now=now + seconds(30))
    run(now + seconds(119))
    assert Incident.objects.get().state == "human"
    run(now + seconds(120))
    assert Incident.objects.get().state == "offered"
    with pytest.raises(incidents.NotHolder):
        incidents.renew(incident=incident.pk, operator=people.OTTO, now=now)
    run(now + seconds(240))
    assert Incident.objects.get().state == "supervisor"


def test_closing_ends_every_duty_and_seals_the_note(now):
    people.contact_route()
    incident = people.signal(now)
    incidents.claim(operator=people.OTTO, now=now)
    closed = incidents.close(
        incident=incident.pk,
        operator=people.OTTO,
        reason="safe",
        note="her sister is there",
        now=now,
    )
    assert closed.note() == "her sister is there"
    waiting = Duty.objects.filter(state="waiting").values_list("kind", flat=True)
    assert list(waiting) == ["tell_dialogue"]  # the conversation hears of the end
    assert people.signal(now).pk != incident.pk
    acts = audit.AuditEntry.objects.filter(chain=str(incident.subject))
    assert list(acts.order_by("seq").values_list("act", flat=True))[-3:] == [
        "incident.claimed",
        "incident.closed",
        "incident.opened",
    ]
