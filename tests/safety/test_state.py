from datetime import UTC, datetime, timedelta

import pytest

from safety.policy import POLICY
from safety.state import CONFIRMED, SECOND, TREND, Before, Seen, distress, weigh
from safety.verdict import Action, Hit, Label, Tier, Verdict

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CALM = Verdict(tier=Tier.T0, action=Action.ALLOW)
CRYING = Verdict(Tier.T1, Action.EASE, ("distress",), ("distress.en",))
WISH = Verdict(Tier.T2, Action.SUPPORT, ("self_harm",), ("wish.en",))
GUESS = Verdict(
    Tier.T2,
    Action.SUPPORT,
    ("self_harm",),
    ("head:self_harm",),
    hits=(Hit("head:self_harm", "self_harm", Tier.T2, layer="heads"),),
)
YES = Verdict(Tier.T0, Action.ALLOW, ("confirms",), ("confirms",))


def seen(verdict, hours, rules=None):
    at = NOW - timedelta(hours=hours)
    return Seen(at, verdict.tier, verdict.labels, rules or verdict.rules)


def weighed(verdict, *before, asked=False):
    return weigh(verdict, Before(before, asked=Label.SELF_HARM if asked else None), NOW)


def test_nothing_before_changes_nothing():
    for verdict in (CALM, CRYING, WISH, GUESS, YES):
        assert weighed(verdict) == verdict


@pytest.mark.obligation("CN-16")
def test_yes_to_the_direct_question_is_a_plan_told():
    verdict = weighed(YES, asked=True)
    assert (verdict.tier, verdict.action) == (Tier.T3, Action.SUPPORT)
    assert CONFIRMED in verdict.rules


@pytest.mark.obligation("CN-16")
def test_a_second_wish_to_die_within_a_day_is_a_plan_and_later_is_not():
    assert weighed(WISH, seen(WISH, 23)).tier is Tier.T3
    assert SECOND in weighed(WISH, seen(WISH, 23)).rules
    assert weighed(WISH, seen(WISH, 25)).tier is Tier.T2


@pytest.mark.parametrize(
    ("first", "second", "tier"),
    [(GUESS, GUESS, 2), (WISH, GUESS, 3), (GUESS, WISH, 3), (WISH, WISH, 3)],
)
def test_two_guesses_of_a_model_never_call_a_family(first, second, tier):
    verdict = weighed(second, seen(first, 1))
    assert (verdict.tier, verdict.is_model_guess) == (tier, tier == Tier.T2)


def test_distress_halves_and_ends_with_its_window():
    half = POLICY.state.day_half_life_hours
    assert distress([seen(CRYING, 0)], NOW, hours=24, half=half) == 1.0
    assert distress([seen(CRYING, half)], NOW, hours=24, half=half) == 0.5
    assert distress([seen(CRYING, 25)], NOW, hours=24, half=half) == 0.0


@pytest.mark.obligation("CN-14")
def test_distress_that_grows_is_a_trend_and_is_told_once():
    hours = (3, 2, 1)
    assert TREND not in weighed(CRYING, *(seen(CRYING, h) for h in hours)).rules
    earlier = [seen(CRYING, h / 4) for h in range(5)]
    verdict = weighed(CRYING, *earlier)
    assert TREND in verdict.rules
    assert (verdict.tier, verdict.action) == (Tier.T1, Action.EASE)
    told = seen(CRYING, 0.5, rules=("distress.en", TREND))
    assert TREND not in weighed(CRYING, *earlier, told).rules


def test_a_calm_message_after_a_bad_night_is_a_calm_message():
    assert weighed(CALM, *(seen(CRYING, 1) for _ in range(9))) == CALM


def test_it_only_ever_raises():
    for verdict in (CALM, CRYING, WISH, GUESS, YES):
        for before in ((), (seen(WISH, 1),), (seen(CRYING, 1),) * 9):
            for asked in (True, False):
                assert weighed(verdict, *before, asked=asked).tier >= verdict.tier


@pytest.mark.obligation("CN-16")
def test_yes_to_the_question_about_money_is_about_money():
    verdict = weigh(YES, Before(asked=Label.FRAUD), NOW)
    assert (verdict.tier, verdict.is_about_money) == (Tier.T3, True)
