from datetime import date

import pytest

from safety.policy import POLICY, age_band, age_on
from safety.verdict import AgeBand

TODAY = date(2026, 11, 23)


@pytest.mark.obligation("CN-19", "CN-18", "CN-22")
@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2012, 11, 24), AgeBand.UNDER_14),
        (date(2012, 11, 23), AgeBand.AGE_14_15),
        (date(2010, 11, 23), AgeBand.AGE_16_17),
        (date(2008, 11, 24), AgeBand.AGE_16_17),
        (date(2008, 11, 23), AgeBand.ADULT),
        (date(1966, 11, 24), AgeBand.ADULT),
        (date(1966, 11, 23), AgeBand.SENIOR),
    ],
)
def test_a_band_begins_on_the_birthday(born, band):
    assert age_band(born, TODAY) is band


def test_who_was_born_on_a_leap_day_turns_older_on_the_first_of_march():
    born = date(2012, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 13
    assert age_on(born, date(2026, 3, 1)) == 14


def test_every_number_says_where_it_comes_from():
    assert {"ages.consent", "ages.adult", "windows.size"} <= set(POLICY.basis)
