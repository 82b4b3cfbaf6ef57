from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from safety import observing, redress, strikes
from safety.models import Dispute, DisputeKind, DisputeState, ReadPurpose
from safety.redress import Decision, Refused, RuleRecord
from safety.verdict import Action, Tier, Verdict
from tests.safety.cast import ADA
from tests.safety.people import refused
from vault.audit import verify
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OTTO, OLGA = UUID(int=90), UUID(int=91)
WISH = Verdict(Tier.T2, Action.SUPPORT, ("self_harm",), ("wish.en",))
MESSAGE = UUID(int=50)


def dispute(target=MESSAGE, kind=DisputeKind.CARD, example=False):
    return redress.dispute(
        subject=ADA.id,
        kind=kind,
        target=target,
        decision=Decision(2, ("self_harm",), ("wish.en",)),
        may_be_example=example,
        now=NOW,
    )


def claim(row, operator=OTTO, at=NOW):
    return redress.claim(
        dispute=row.pk, operator=operator, purpose=ReadPurpose.DISPUTE, now=at
    )


def decide(row, *, was_wrong, operator=OTTO):
    return redress.decide(
        dispute=row.pk, operator=operator, was_wrong=was_wrong, now=NOW
    )


def test_it_is_one_row_however_often_it_is_said():
    assert dispute() == dispute(example=True)
    row = Dispute.objects.get()
    assert (row.state, row.example_allowed_at) == (DisputeState.OPEN, NOW)


def test_nobody_s_words_become_an_example_unless_they_allowed_it():
    assert dispute().example_allowed_at is None


def test_who_and_why_is_in_the_audit_chain_before_the_words_are_read():
    claim(dispute())
    entry = AuditEntry.objects.get(act="dispute.read")
    assert (entry.actor, entry.facts["purpose"]) == (str(OTTO), "dispute")


def test_only_who_claimed_it_decides_and_only_once():
    row = dispute()
    with pytest.raises(Refused):
        decide(row, was_wrong=True)
    claim(row)
    with pytest.raises(Refused):
        decide(row, was_wrong=True, operator=OLGA)
    with pytest.raises(Refused):
        claim(row, OLGA)
    decide(row, was_wrong=False)
    with pytest.raises(Refused):
        decide(row, was_wrong=True)
    assert Dispute.objects.get().state == DisputeState.UPHELD


def test_a_claim_that_led_nowhere_lapses():
    row = dispute()
    claim(row)
    assert claim(row, OLGA, at=NOW + timedelta(hours=2)).claimed_by == OLGA


def test_a_false_alarm_is_taken_back():
    observing.observe(
        subject=ADA.id, conversation=uuid4(), message=MESSAGE, verdict=WISH, now=NOW
    )
    row = dispute()
    claim(row)
    before = observing.before(subject=ADA.id, asked=None, now=NOW)
    assert len(before.seen) == 1  # as long as nobody has decided it counts
    decide(row, was_wrong=True)
    assert observing.before(subject=ADA.id, asked=None, now=NOW).seen == []
    assert verify(ADA.id) == 3


@pytest.mark.obligation("CN-ADJ-8")
def test_an_appeal_lifts_a_suspension():
    bomb = refused("crime", "crime.en")
    for _ in range(3):
        led_to = strikes.count(
            subject=ADA, conversation=uuid4(), message=uuid4(), verdict=bomb, now=NOW
        )
    row = dispute(target=led_to.pk, kind=DisputeKind.SUSPENSION)
    claim(row)
    decide(row, was_wrong=True)
    assert strikes.suspended(subject=ADA.id, now=NOW) is None


def test_each_rule_has_a_record_of_false_alarms():
    for number, wrong in enumerate((True, True, False)):
        target = UUID(int=60 + number)
        observing.observe(
            subject=ADA.id, conversation=uuid4(), message=target, verdict=WISH, now=NOW
        )
        row = dispute(target=target)
        claim(row)
        decide(row, was_wrong=wrong)
    dispute()
    assert redress.rule_records() == [RuleRecord("wish.en", 3, 4, 3, 2)]
    assert redress.rule_records()[0].false_alarms == 2 / 3
