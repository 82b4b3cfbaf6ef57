from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from safety import strikes
from safety.models import Suspension
from safety.verdict import Action, Hit, Label, Tier, Verdict
from tests.safety.cast import ADA, WEN
from tests.safety.people import refused
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOMB = refused("crime", "crime.en")
GUESS = refused("crime", "guard:unsafe")
TEMPER = refused("hate_insult", "insult.en")
CALM = Verdict(Tier.T0, Action.ALLOW)


def sent(*verdicts, at=NOW, subject=ADA):
    """What the last of these messages led to."""
    last, ids = None, []
    for minute, verdict in enumerate(verdicts):
        ids.append(uuid4())
        last = strikes.count(
            subject=subject,
            conversation=uuid4(),
            message=ids[-1],
            verdict=verdict,
            now=at + timedelta(minutes=minute),
        )
    return last, ids


def suspended(at=NOW + timedelta(minutes=30), subject=ADA):
    return strikes.suspended(subject=subject.id, now=at)


@pytest.mark.obligation("CN-ADJ-8")
def test_three_in_a_row_suspend_for_a_day():
    assert sent(BOMB, BOMB)[0] is None
    last, _ = sent(BOMB)
    assert (last.reason, last.until - last.since) == ("in_a_row", timedelta(hours=24))
    assert suspended() == last
    assert suspended(subject=WEN) is None
    assert suspended(at=NOW + timedelta(hours=24, minutes=5)) is None
    assert AuditEntry.objects.filter(act="suspension.began").count() == 1


@pytest.mark.obligation("CN-ADJ-8")
def test_five_of_one_day_suspend_though_none_stand_in_a_row():
    assert sent(*[BOMB, CALM] * 4)[0] is None
    assert sent(BOMB)[0].reason == "a_day"


@pytest.mark.obligation("CN-ADJ-8")
def test_a_day_is_the_person_s_own():
    late = datetime(2026, 11, 23, 4, 50, tzinfo=UTC)  # ten minutes to Ada's midnight
    sent(*[BOMB, CALM] * 4, at=late)
    assert sent(BOMB, at=late + timedelta(minutes=11))[0] is None


def test_a_temper_and_a_model_s_guess_are_never_held_against_anybody():
    assert sent(*[TEMPER] * 9, *[GUESS] * 9)[0] is None


@pytest.mark.obligation("CN-ADJ-8")
def test_what_a_head_takes_an_insult_for_is_not_held_against_anybody():
    guessed = Hit("head:crime", Label.CRIME, Tier.T0, Action.BLOCK, score=0.9)
    both = Verdict(
        Tier.T0,
        Action.BLOCK,
        ("crime", "hate_insult"),
        ("head:crime", "insult.en"),
        hits=(guessed, *TEMPER.hits),
    )
    assert not strikes.is_strike(both)
    assert strikes.is_strike(BOMB)
    assert Suspension.objects.count() == 0


@pytest.mark.obligation("CN-ADJ-8")
def test_a_strike_that_was_none_takes_the_suspension_with_it():
    _, ids = sent(BOMB, BOMB, BOMB)
    strikes.overturn(message=ids[1], actor="otto")
    assert suspended() is None
    assert AuditEntry.objects.get(act="suspension.lifted").actor == "otto"
    assert sent(BOMB)[0] is None
