"""The banks are large enough, in both languages, and no sentence stands in two."""

from collections import Counter

import pytest

from safety.banks import BENIGN, FOLDER, exemplars, readings
from safety.evaluation.split import is_unread

SMALLER = {  # requests that are refused; kept few where the subject forbids more
    *("crime", "drugs", "gambling", "hate_insult", "illegal_religion"),
    *("national_security", "privacy", "rumour", "sexual_minor", "violence"),
}
BANKS = sorted({file.name.partition(".")[0] for file in FOLDER.glob("*.toml")})


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_has_enough_of_both_kinds_and_languages(bank: str) -> None:
    sizes = Counter(
        (one.is_positive, one.lang) for one in exemplars() if one.bank == bank
    )
    assert set(sizes) == {(True, "en"), (True, "zh"), (False, "en"), (False, "zh")}
    assert min(sizes.values()) >= (30 if bank in SMALLER else 70)


def test_no_sentence_stands_twice() -> None:
    texts = Counter(one.text.casefold() for one in exemplars())
    twice = [text for text, times in texts.items() if times > 1]
    assert not [text for text in twice if not is_unread(text)], "read ones stand twice"
    assert not twice, f"{len(twice)} sentences stand twice"


def test_about_half_stays_unread() -> None:
    unread = sum(is_unread(one.text) for one in exemplars())
    assert 0.45 < unread / len(exemplars()) < 0.55


def test_explicit_intent_says_how_urgent_it_is() -> None:
    intent = [one for one in exemplars() if one.label == "self_harm"]
    assert {one.tier for one in intent} == {2, 3}
    assert all(one.tier is None for one in exemplars() if one.label == BENIGN)


def test_two_readers_took_each_sentence_of_danger() -> None:
    taken = Counter(one.readings for one in exemplars() if one.tier)
    assert set(taken) == {"dd", "di", "id", "ii"}
    agreed = taken["dd"] + taken["ii"]
    assert agreed / taken.total() > 0.9
    assert not any(one.readings for one in exemplars() if not one.tier)


def test_a_reading_is_of_a_sentence_that_stands_there() -> None:
    assert len(readings()) == sum(bool(one.tier) for one in exemplars())
