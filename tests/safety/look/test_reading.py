"""When a look is taken, and what it may change: only upwards where danger is meant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import gate
from safety.look import in_doubt, read_again, tokens
from safety.look.coefficients import Limits
from safety.look.reading import LOOKS, _on_scale
from safety.verdict import Action, Said, Speaker, Tier
from tests.safety.cast import ADA, MINA
from tests.safety.look.leaning import scores

DOUBTFUL = "I wonder who would even come looking"
CHILD = "we have PE and then maths tomorrow, ugh"
HOOK = "It gets so empty here when you go."


def said(text, speaker=Speaker.USER, subject=ADA):
    return Said(text, speaker, subject)


def judged(one):
    if one.speaker is Speaker.MODEL:
        return gate.check_output(one.text, one.subject)
    return gate.check_input(one.text, one.subject)


def looked(one, label, strength):
    """The verdict behind a look that speaks so strongly for a class."""
    verdict = judged(one)
    pieces = in_doubt(one, verdict)
    assert pieces
    looks = {piece: scores(label, strength) for piece in pieces}
    return gate.settled(verdict, one, read_again(one, looks))


@pytest.mark.parametrize(
    "text",
    [
        "What a lovely evening for a walk.",
        "今天的汤要多炖一会儿才香",
        "I don't want to be alive",  # a rule knows it
        "我不想活了",
        "bye",
        "Are you human?",
    ],
)
def test_where_nothing_is_in_doubt_there_is_no_look(text):
    one = said(text)
    assert in_doubt(one, judged(one)) == ()


def test_a_look_raises_what_a_head_doubts():
    one = said(DOUBTFUL)
    assert judged(one).tier < Tier.T2
    verdict = looked(one, "self_harm", 60)
    assert (verdict.tier, verdict.action) == (Tier.T2, Action.SUPPORT)
    assert "look:self_harm" in verdict.rules
    assert verdict.is_model_guess
    assert {hit.layer for hit in verdict.hits if hit.tier >= Tier.T2} == {"look"}


def test_of_a_minor_one_tier_higher():
    assert looked(said(DOUBTFUL, subject=MINA), "self_harm", 60).tier is Tier.T3


def test_it_never_lowers_what_a_head_takes_for_distress():
    one = said(DOUBTFUL)
    assert looked(one, "self_harm", -60).tier == judged(one).tier


def test_a_class_without_danger_is_settled_both_ways():
    one = said(CHILD)
    assert "look:minor" in looked(one, "minor", 60).rules
    assert "minor" not in looked(one, "minor", -60).labels


def test_a_sentence_of_a_model_is_settled_both_ways():
    one = said(HOOK, Speaker.MODEL)
    assert looked(one, "bot_guilt", 60).action is Action.BLOCK
    assert looked(one, "bot_guilt", -60).action is Action.ALLOW


def test_pieces_that_were_not_looked_at_stay_as_the_heads_say():
    one = said(DOUBTFUL)
    verdict = judged(one)
    after = gate.settled(verdict, one, read_again(one, {}))
    assert (after.tier, after.rules) == (verdict.tier, verdict.rules)


def test_of_a_long_text_the_most_doubtful_pieces_are_looked_at():
    one = said(" ".join([DOUBTFUL + "."] * 12))
    assert 1 <= len(in_doubt(one, judged(one))) <= LOOKS


def test_scores_of_another_length_are_no_scores():
    one = said(DOUBTFUL)
    (piece,) = in_doubt(one, judged(one))
    with pytest.raises(ValueError, match="broadcast"):
        read_again(one, {piece: (1.0,) * (len(tokens()) - 1)})


finite = st.floats(-50, 50)


@given(finite, finite, st.floats(0, 20), finite, st.floats(0.01, 20))
def test_a_value_passes_the_thresholds_of_the_head_where_it_passes_its_own(
    both, lower, more, head_lower, head_more
):
    limits = Limits(-99, lower, lower + more)
    strict = head_lower + head_more
    value = _on_scale(both, limits, head_lower, strict)
    assert (value >= strict) == (both >= limits.strict)
    assert (value >= head_lower) == (both >= lower)
    assert np.isfinite(value)
