"""What a verdict says of itself: why a case is opened, why a message is held back."""

import pytest

from safety import gate
from safety.verdict import FAILED, Action, Hit, Label, Tier, Verdict
from tests.safety.cast import ADA

RULE = Hit("self_harm.wish.en", Label.SELF_HARM, Tier.T2)
SAD = Hit("distress.en", Label.DISTRESS, Tier.T1)
SURE = Hit("head:self_harm", Label.SELF_HARM, Tier.T2, score=0.98, layer="heads")
SWINDLE = Hit("head:fraud", Label.FRAUD, Tier.T2, score=0.91, layer="heads")
LOOKS_LIKE = Hit("head:drugs", Label.DRUGS, Tier.T0, score=0.3, layer="heads")


def verdict(tier, *hits, action=Action.SUPPORT, **more):
    return Verdict(tier, action, hits=hits, **more)


def test_reasons_stand_in_the_order_of_their_weight():
    found = verdict(Tier.T2, LOOKS_LIKE, SAD, SWINDLE, SURE, RULE).reasons
    assert found == (
        "self_harm.wish.en",
        "self_harm",
        "head:self_harm",
        "head:fraud",
        "fraud",
        "distress.en",
        "distress",
    )


@pytest.mark.parametrize(
    "text", ["I have the pills in front of me", "我攒了一瓶安眠药，今晚就吃"]
)
def test_pills_in_front_of_somebody_are_danger_and_not_drugs_or_dependence(text):
    found = gate.check_input(text, ADA).reasons
    assert found[0].startswith("self_harm.means.")
    assert {Label.DRUGS, Label.DEPENDENCY} & {*found} == set()
    assert Label.SELF_HARM in found


def test_a_broken_layer_is_a_reason_where_nothing_else_reaches_the_tier():
    assert verdict(Tier.T2, SAD, failed=("rules",)).reasons == (
        FAILED,
        "distress.en",
        "distress",
    )
    assert verdict(Tier.T2, RULE, failed=("heads",)).reasons == (
        "self_harm.wish.en",
        "self_harm",
    )
    assert verdict(Tier.T1, failed=("heads",)).reasons == (FAILED,)


def test_a_message_is_held_back_for_what_is_refused_alone():
    crime = Hit("crime.en", Label.CRIME, Tier.T0, Action.BLOCK)
    held = verdict(Tier.T0, LOOKS_LIKE, crime, action=Action.BLOCK)
    assert held.held_back_for == ("crime",)
