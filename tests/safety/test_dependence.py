from datetime import date, timedelta

import pytest
from django.utils.translation import override

from safety.dependence import Facts, assess, explained, facts
from safety.models import DependenceLevel

TODAY = date(2026, 11, 23)
EVENING = list(range(19 * 60, 20 * 60, 4))  # an hour, a message every four minutes


def days(minutes, count):
    return {TODAY - timedelta(days=back): minutes for back in range(count)}


def level(**numbers):
    usual = {"minutes_today": 0, "minutes_a_day": 0, "nights": 0, "days": 0}
    return assess(Facts(**(usual | {"phrases": 0} | numbers))).level


def test_facts_are_counted_from_the_minutes_in_which_somebody_wrote():
    night = [23 * 60 + n for n in range(0, 40, 5)]
    found = facts(days(EVENING, 10) | {TODAY: EVENING + night}, TODAY, phrases=2)
    assert found == Facts(
        minutes_today=57 + 36, minutes_a_day=(7 * 57 + 36) // 7, nights=1, days=10,
        phrases=2,
    )  # fmt: skip


def test_minutes_far_apart_are_not_an_hour_of_use():
    assert facts({TODAY: [600, 660]}, TODAY, 0).minutes_today == 2


@pytest.mark.obligation("CN-11")
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"minutes_today": 20, "minutes_a_day": 20, "days": 14}, "none"),
        ({"minutes_today": 300}, "watch"),
        ({"minutes_today": 300, "minutes_a_day": 300, "days": 14}, "warn"),
        ({"phrases": 4}, "watch"),
        (
            {"minutes_a_day": 200, "days": 14, "nights": 3, "phrases": 2},
            "high",
        ),
    ],
)
def test_levels_follow_from_use_and_words(numbers, expected):
    assert level(**numbers) == DependenceLevel(expected)


@pytest.mark.obligation("CN-11")
def test_use_alone_however_long_never_reaches_the_highest_level():
    assert level(minutes_today=1440, minutes_a_day=1440, days=14, nights=7) == "warn"


@pytest.mark.obligation("CN-11")
def test_a_person_is_told_why_in_one_sentence():
    found = Facts(50, 60, 2, 9, 3)
    with override("en"):
        assert explained(found) == (
            "In the last 7 days you were here about 60 minutes a day and late at night "
            "2 times; you came on 9 of the last 14 days, and 3 times you wrote that "
            "you can hardly be without the companion."
        )
    with override("zh-hans"):
        said = explained(found)
    assert "60 分钟" in said and "3 次" in said and said.count("。") == 1
