"""The six disguises of every example that the rules are for."""

import pytest

from safety.evaluation.disguise import DISGUISES
from safety.rules import detect, rule_set

EXAMPLES = [
    (rule, text) for rule in rule_set().rules if not rule.whole for text in rule.hits
]
ENOUGH = 0.9


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("is_chinese", [False, True], ids=["en", "zh"])
def test_a_disguise_hides_little(name, is_chinese):
    said = [(rule, text) for rule, text in EXAMPLES if _is_chinese(text) is is_chinese]
    found = sum(_found(rule, DISGUISES[name](text)) for rule, text in said)
    assert found / len(said) >= ENOUGH


def _found(rule, text):
    return bool(detect(text, rule_set().only(rule), min(rule.ages)))


def _is_chinese(text):
    return any("\u4e00" <= c <= "\u9fff" for c in text)


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_is_always_the_same_and_changes_something(name):
    disguise = DISGUISES[name]
    assert disguise("我想死 kill myself") == disguise("我想死 kill myself")
    assert disguise("我想死了 kill myself") != "我想死了 kill myself"
