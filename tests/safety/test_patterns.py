"""No pattern backtracks: all are RE2, and the worst text found costs its length."""

import time
from random import Random

import pytest
import re2

from safety.fold import fold
from safety.policy import POLICY
from safety.rules import detect, read, rule_set
from safety.rules.patterns import MOST_TOGETHER, compiled, sieve
from safety.verdict import Said, Speaker
from tests.safety.cast import ADA

RULES = rule_set().rules
LONG = 4_000
NOISE = [
    "a",
    " ",
    "我",
    "不",
    "i ",
    "1",
    ".",
    "想",
    "死",
    "kill ",
    "(",
    "\n",
    "😂",
    "a.",
]


def patterns(rule):
    contexts = [p for c in rule.unless for ps in (c.before, c.clause) for p in ps]
    asked = (*rule.also, *rule.also_none)
    return [*rule.patterns, *rule.but_not, *asked, *contexts]


def test_every_pattern_is_one_that_cannot_backtrack():
    assert all(isinstance(p, re2._Regexp) for rule in RULES for p in patterns(rule))


def seconds(rule, text):
    begun = time.process_time()
    for pattern in patterns(rule):
        sum(1 for _ in pattern.finditer(text))
    return time.process_time() - begun


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_worst_text_found_for_a_rule_grows_no_faster_than_its_length(rule):
    """Beginnings of its own examples, repeated, with noise between: what makes a
    backtracking engine explode. Eight times the text, far below 64 times the time."""
    chance = Random(rule.id)
    seeds = [text[: chance.randint(1, len(text))] for text in rule.hits] + NOISE
    for _ in range(3):
        unit = "".join(chance.choices(seeds, k=4)).lower()
        short, long = (unit * LONG)[: LONG // 8].encode(), (unit * LONG)[:LONG].encode()
        least = min(seconds(rule, short) for _ in range(2))
        assert seconds(rule, long) < 32 * least + 0.1


@pytest.mark.parametrize("unit", [*NOISE, "k i l l ", "w4n7 ", "a1", "zi", "iwantto"])
def test_folding_grows_no_faster_than_the_text(unit):
    """Thrice the text in less than nine times the time, and far below a second."""
    texts = (unit * 1000)[:300], (unit * 1000)[:900]
    times = []
    for text in texts:
        begun = time.process_time()
        for _ in range(5):
            fold(text)
        times.append(time.process_time() - begun)
    assert times[1] < 9 * times[0] + 0.1


def test_a_text_longer_than_anybody_types_is_read_at_both_ends_only():
    text = "a " * POLICY.windows.longest
    said = Said(text + "I want to die", Speaker.USER, ADA)
    assert {hit.rule for hit in read(said)} == {"self_harm.wish.en"}
    begun = time.process_time()
    read(said)
    assert time.process_time() - begun < 2


def test_harmless_phrases_are_said_by_longer_patterns():
    rules = rule_set().of(Speaker.USER)
    assert [h for h in detect("I want to die my hair red", rules) if h.tier >= 2] == []


def test_a_pattern_is_found_at_its_place_however_many_there_are():
    words = [f"word{n}x" for n in range(2 * MOST_TOGETHER + 1)]
    sifted = sieve(map(compiled, words))
    for place in (0, MOST_TOGETHER, 2 * MOST_TOGETHER):
        assert sifted.may_match(words[place].encode()) == [place]
    assert sieve([]) is None
