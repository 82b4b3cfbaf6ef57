"""Who is on duty, who swaps with whom, and when nobody is."""

from datetime import UTC, datetime, timedelta

import pytest

from safety import coverage, duties, roster, sending
from safety.models import Delivery, Duty, OwnerKind, Shift, ShiftRole
from safety.roster import Refused
from tests.safety import people
from tests.safety.people import OLGA, OTTO, SUE
from vault import audit
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RESPONDER, SUPERVISOR = ShiftRole.RESPONDER, ShiftRole.SUPERVISOR


def plan(now, begins, ends, operator=OTTO, role=RESPONDER, **more):
    """Hours from now."""
    return roster.plan(
        operator=operator,
        role=role,
        starts_at=now + begins * HOUR,
        ends_at=now + ends * HOUR,
        by=SUE,
        now=now,
        **more,
    )


def on_duty(now, role=RESPONDER):
    return roster.on_duty(now=now, role=role)


def test_nobody_is_a_true_answer(now):
    assert on_duty(now) == []


def test_a_shift_begins_with_its_first_moment_and_ends_before_its_last(now):
    plan(now, 1, 9)
    begins, ends = now + HOUR, now + 9 * HOUR
    moment = timedelta(microseconds=1)
    assert [bool(on_duty(at)) for at in (begins - moment, begins)] == [False, True]
    assert [bool(on_duty(at)) for at in (ends - moment, ends)] == [True, False]
    assert on_duty(begins, SUPERVISOR) == []


def test_the_ring_keeps_its_order(now):
    for operator in (OTTO, OLGA):
        plan(now, 0, 8, operator)
    assert on_duty(now) == [OTTO, OLGA]
    plan(now, 0, 8, SUE, position=0)
    Shift.objects.filter(operator=OTTO).update(position=5)
    assert on_duty(now) == [SUE, OLGA, OTTO]


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [(2, 2, "ends_before"), (0, 25, "too_long"), (-9, -1, "past"), (4, 12, "twice")],
)
def test_what_no_shift_can_be(now, begins, ends, code):
    plan(now, 0, 8)
    with pytest.raises(Refused) as refused:
        plan(now, begins, ends)
    assert refused.value.code == code
    assert Shift.objects.count() == 1


def test_a_shift_over_the_change_to_summer_time_is_as_long_as_it_is():
    """In London 28 March 2027 has 23 hours: eight hours on the clock are seven."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - here alone

    london = ZoneInfo("Europe/London")
    begins = datetime(2027, 3, 27, 22, tzinfo=london)
    ends = datetime(2027, 3, 28, 6, tzinfo=london)
    shift = roster.plan(
        operator=OTTO,
        role=RESPONDER,
        starts_at=begins,
        ends_at=ends,
        by=SUE,
        now=begins - HOUR,
    )
    shift.refresh_from_db()
    assert shift.ends_at.astimezone(UTC) - shift.starts_at.astimezone(UTC) == 7 * HOUR
    assert on_duty(datetime(2027, 3, 28, 4, 59, tzinfo=UTC)) == [OTTO]
    assert on_duty(datetime(2027, 3, 28, 5, 0, tzinfo=UTC)) == []


def test_a_colleague_takes_a_shift_over(now):
    shift = plan(now, 1, 9)
    offer = roster.offer(shift=shift, by=OTTO, to=OLGA, now=now)
    assert on_duty(now + 2 * HOUR) == [OTTO]
    roster.take(offer=offer, by=OLGA, now=now)
    assert on_duty(now + 2 * HOUR) == [OLGA]
    with pytest.raises(Refused):
        roster.take(offer=offer, by=OLGA, now=now)


def test_the_colleague_is_told_that_they_are_asked(now):
    people.operator_route(OLGA)
    shift = plan(now, 1, 9)
    roster.offer(shift=shift, by=OTTO, to=OLGA, now=now)
    (told,) = Delivery.objects.filter(template="operator.swap")
    assert (told.route.owner, told.variables["time"]) == (
        OLGA,
        shift.starts_at.isoformat(),
    )


def test_only_the_one_asked_takes_and_only_ones_own_is_given(now):
    shift = plan(now, 1, 9)
    for by, to in ((OLGA, SUE), (OTTO, OTTO)):
        with pytest.raises(Refused):
            roster.offer(shift=shift, by=by, to=to, now=now)
    offer = roster.offer(shift=shift, by=OTTO, to=OLGA, now=now)
    with pytest.raises(Refused):
        roster.take(offer=offer, by=SUE, now=now)
    roster.decline(offer=offer, by=OLGA, now=now)
    with pytest.raises(Refused):
        roster.take(offer=offer, by=OLGA, now=now)


def test_nobody_takes_a_shift_beside_one_of_their_own(now):
    shift = plan(now, 1, 9)
    plan(now, 4, 12, OLGA)
    offer = roster.offer(shift=shift, by=OTTO, to=OLGA, now=now)
    with pytest.raises(Refused) as refused:
        roster.take(offer=offer, by=OLGA, now=now)
    assert refused.value.code == "twice"


def test_who_leaves_the_team_leaves_the_roster(now):
    plan(now, 0, 8)
    plan(now, 24, 32)
    roster.leave(operator=OTTO, by=SUE, now=now + HOUR)
    assert on_duty(now + 2 * HOUR) == []
    assert list(Shift.objects.values_list("ends_at", flat=True)) == [now + HOUR]


def test_presence_lasts_as_long_as_the_console_says_so(now):
    roster.seen(operator=OTTO, now=now)
    assert roster.present(now=now + timedelta(seconds=89)) == {OTTO}
    assert roster.present(now=now + timedelta(seconds=90)) == set()


def test_every_change_is_in_a_chain_that_holds(now):
    shift = plan(now, 1, 9)
    offer = roster.offer(shift=shift, by=OTTO, to=OLGA, now=now)
    roster.take(offer=offer, by=OLGA, now=now)
    shift.refresh_from_db()
    roster.remove(shift=shift, by=SUE, now=now)
    entries = AuditEntry.objects.filter(chain="roster").order_by("seq")
    assert [(e.act, e.actor) for e in entries] == [
        ("shift.planned", str(SUE)),
        ("shift.offered", str(OTTO)),
        ("shift.taken", str(OLGA)),
        ("shift.removed", str(SUE)),
    ]
    assert audit.verify("roster") == 4


# --- Gaps


def gaps(now, role=RESPONDER):
    return [
        ((gap.start - now) / HOUR, gap.end and (gap.end - now) / HOUR)
        for gap in coverage.gaps(now=now, role=role)
    ]


def test_without_any_shift_the_gap_is_open(now):
    assert gaps(now) == [(0, None)]


def test_gaps_lie_between_shifts_and_after_the_last(now):
    plan(now, 0, 8)
    plan(now, 6, 14, OLGA)
    plan(now, 20, 28)
    assert gaps(now) == [(14, 20), (28, None)]
    assert gaps(now, SUPERVISOR) == [(0, None)]


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def announced(template):
    return Delivery.objects.filter(template=template).count()


@pytest.mark.obligation("CN-16")
def test_a_gap_is_announced_a_day_and_an_hour_ahead_and_once_each(now):
    people.operator_route()
    people.operator_route(people.GIL, owner_kind=OwnerKind.PROVIDER)
    for day in (0, 12, 24, 36):
        plan(now, day, day + 12, operator=OTTO if day % 24 else OLGA)
    begins = now + 48 * HOUR
    second = timedelta(seconds=1)
    run(begins - 24 * HOUR - second)
    assert announced("operator.gap") == 0
    run(begins - 24 * HOUR)
    assert announced("operator.gap") == 1
    run(begins - HOUR - second)
    assert announced("operator.gap_soon") == 0
    run(begins - HOUR)
    assert announced("operator.gap_soon") == 2  # the operator and the provider
    run(begins + HOUR)
    assert (announced("operator.gap"), announced("operator.gap_soon")) == (1, 2)


def test_a_gap_that_is_filled_is_not_announced(now):
    people.operator_route()
    plan(now, 0, 12)
    plan(now, 12, 24, OLGA)
    plan(now, 24, 36)
    run(now)
    told = Delivery.objects.count()
    plan(now, 36, 48, OLGA)
    run(now + 12 * HOUR)
    assert Delivery.objects.count() == told


def test_a_swap_or_an_edit_says_nothing_twice(now):
    people.operator_route()
    shift = plan(now, 0, 12)
    run(now)
    first = Delivery.objects.count()
    assert first == 1  # the gap after it begins within a day
    for position in (3, 4):
        plan(now, 0, 12, shift=shift, position=position)
    run(now)
    assert Delivery.objects.count() == first


def test_a_gap_that_has_begun_is_said_once(now):
    people.operator_route()
    plan(now, 0, 1)
    plan(now, 9, 17, OLGA)
    Duty.objects.all().delete()
    later = now + 2 * HOUR
    coverage.plan_announcements(now=later)
    coverage.plan_announcements(now=later + HOUR)
    run(later + HOUR)
    rows = Delivery.objects.filter(template="operator.gap_soon")
    assert [row.variables["time"] for row in rows] == [(now + HOUR).isoformat()]


def test_the_first_roster_is_planned_in_peace(now):
    people.operator_route()
    plan(now, 48, 56)
    run(now)
    assert Delivery.objects.count() == 0
