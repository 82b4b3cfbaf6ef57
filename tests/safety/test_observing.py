from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from safety import observing
from safety.activity import written
from safety.models import Activity, DependenceDay, Observation, ObservationState
from safety.verdict import Action, Tier, Verdict
from tests.safety.cast import ADA, WEN
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # 22:30 of the day before, for Ada
WISH = Verdict(Tier.T2, Action.SUPPORT, ("self_harm",), ("wish.en",))
NEEDS = Verdict(Tier.T0, Action.ALLOW, ("dependency",), ("needs.en",))
CALM = Verdict(Tier.T0, Action.ALLOW)


def observe(verdict, at=NOW, subject=ADA):
    return observing.observe(
        subject=subject.id,
        conversation=uuid4(),
        message=uuid4(),
        verdict=verdict,
        now=at,
    )


def before(now=NOW):
    return observing.before(subject=ADA.id, asked=None, now=now).seen


def test_a_message_without_any_sign_leaves_no_row():
    assert observe(CALM) is None
    assert Observation.objects.count() == 0


def test_signs_of_a_week_count_and_only_the_person_s_own():
    observe(WISH)
    observe(WISH, at=NOW - timedelta(days=8))
    observe(WISH, subject=WEN)
    assert [(s.at, s.tier, s.labels, s.rules) for s in before()] == [
        (NOW, Tier.T2, ("self_harm",), ("wish.en",))
    ]


def test_a_false_alarm_does_not_count():
    row = observe(WISH)
    row.state = ObservationState.OVERTURNED
    row.save()
    assert before() == []


def test_a_minute_is_kept_on_the_person_s_own_day_once():
    assert observing.note_use(subject=ADA, now=NOW) is None
    observing.note_use(subject=ADA, now=NOW + timedelta(seconds=20))
    row = Activity.objects.get()
    assert (row.subject, row.day) == (ADA.id, date(2026, 11, 22))
    assert written(row) == [22 * 60 + 30]
    assert len(row.minutes) == 180


@pytest.mark.obligation("CN-11")
def test_a_level_that_rises_is_told_once_kept_and_in_the_audit_chain():
    for hour in range(4):
        observe(NEEDS, at=NOW - timedelta(hours=hour))
    risen = observing.note_use(subject=ADA, now=NOW)
    assert (risen.level, risen.facts.phrases) == ("watch", 4)
    assert observing.note_use(subject=ADA, now=NOW + timedelta(minutes=3)) is None
    row = DependenceDay.objects.get()
    assert (row.level, row.facts["phrases"]) == ("watch", 4)
    entry = AuditEntry.objects.get(act="dependence.rose")
    assert entry.facts["level"] == "watch"


def test_a_new_day_at_the_same_level_is_kept_and_not_told_again():
    for hour in range(4):
        observe(NEEDS, at=NOW - timedelta(hours=hour))
    assert observing.note_use(subject=ADA, now=NOW)
    assert observing.note_use(subject=ADA, now=NOW + timedelta(days=1)) is None
    assert DependenceDay.objects.count() == 2


def test_what_no_rule_reads_any_more_is_removed():
    observe(WISH)
    observing.note_use(subject=ADA, now=NOW)
    assert observing.forget_old(now=NOW + timedelta(days=29)) == 0
    assert observing.forget_old(now=NOW + timedelta(days=32)) == 3
