"""Sentences about the same thing that say the opposite are less alike."""

import pytest

from companion.voice_bank import Opening, line_for
from companion.voice_bank.bank import file_of, wordings
from companion.voice_bank.turns import turned, unlike


def cost(one, other):
    return round(float(unlike(turned([one])[0], turned([other]))[0]), 3)


@pytest.mark.parametrize(
    ("one", "other", "costs"),
    [
        ("I passed the exam", "I got through the exam", 0),
        ("I passed the exam", "I failed the exam", 0.1),
        ("It would have been his birthday", "It is my birthday", 0.15),
        ("They took somebody else", "They took me", 0.15),
        ("He never calls", "He calls", 0.05),
        ("He never forgot it", "He knew it", 0.15),
        ("升职给了别人", "升职了", 0.15),
        ("今天是爸爸的忌日", "今天是我的生日", 0.15),
        ("没考好", "考好了", 0.05),
        ("What is my name?", "What is your name?", 0.15),
    ],
)
def test_what_stands_in_only_one_of_them_costs(one, other, costs):
    assert cost(one, other) == cost(other, one) == costs


def test_no_sentences_have_no_turns():
    assert turned([]).shape == (0, 5)


@pytest.mark.parametrize(
    ("slug", "language", "said", "never"),
    [
        ("arlo", "en", "Tomorrow would have been my mother's birthday.", "birthday"),
        ("arlo", "zh-hans", "升职的机会给了别人", "好消息"),
        ("mei", "zh-hans", "升职的机会给了别人", "恭喜"),
        ("mei", "en", "My husband forgot my name day.", "so sorry"),
    ],
)
def test_nobody_is_congratulated_or_mourned_by_mistake(
    settings, slug, language, said, never
):
    settings.VOICE_BANK = "on"
    assert any(never in one.reply for one in wordings(file_of(slug, language)))
    assert never not in line_for(Opening(slug, language, "", said))
