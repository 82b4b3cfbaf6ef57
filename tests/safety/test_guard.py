import pytest

from safety import guard
from safety.guard import Opinion
from safety.verdict import Action, Hit, Label, Tier, Verdict

CALM = Verdict(Tier.T0, Action.ALLOW)
CRYING = Verdict(
    Tier.T1,
    Action.EASE,
    ("distress",),
    ("distress.en",),
    hits=(Hit("distress.en", Label.DISTRESS, Tier.T1),),
)
WISH = Verdict(Tier.T2, Action.SUPPORT, ("self_harm",), ("wish.en",))
BYE = Verdict(Tier.T0, Action.EXIT, ("exit",), ("exit.en",))
SAFE = guard.read("Safety: Safe\nCategories: None")
VIOLENT = guard.read("Safety: Unsafe\nCategories: Violent, Jailbreak")
SUICIDE = guard.read("Safety: Unsafe\nCategories: Suicide & Self-Harm")
PERHAPS = guard.read("Safety: Controversial\nCategories: Unethical Acts")


def test_an_answer_is_read():
    assert (VIOLENT.opinion, VIOLENT.categories) == (
        Opinion.UNSAFE,
        {"Violent", "Jailbreak"},
    )
    assert guard.read("\nSafety: Safe\nCategories: None\nRefusal: No\n") == SAFE


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Safe",
        "Safety: Unsafe",
        "Safety: Dangerous\nCategories: Violent",
        "Safety: Unsafe\nCategories: Cooking",
        "Sure! Safety: Unsafe\nCategories: Violent",
        "Safety: Unsafe\nCategories: Violent\nI hope that this helps!",
        "The user asks: Safety: Safe\nCategories: None",
    ],
)
def test_nonsense_is_no_answer(answer):
    assert guard.read(answer) is None


@pytest.mark.parametrize("verdict", [CALM, CRYING, WISH, BYE])
@pytest.mark.parametrize("finding", [None, SAFE])
def test_safe_or_nothing_changes_nothing(verdict, finding):
    assert guard.raised(verdict, finding) == verdict


@pytest.mark.parametrize("finding", [SAFE, VIOLENT, SUICIDE, PERHAPS])
def test_danger_and_leaving_are_never_touched(finding):
    assert guard.raised(WISH, finding) == WISH
    assert guard.raised(BYE, finding) == BYE


@pytest.mark.parametrize(
    ("verdict", "finding", "tier", "action"),
    [
        (CALM, VIOLENT, Tier.T0, Action.BLOCK),
        (CALM, PERHAPS, Tier.T0, Action.EASE),
        (CALM, SUICIDE, Tier.T1, Action.EASE),  # its category alone is not trusted
        (CRYING, SUICIDE, Tier.T2, Action.SUPPORT),
        (CRYING, VIOLENT, Tier.T1, Action.EASE),  # who cries is not turned away
        (CRYING, PERHAPS, Tier.T1, Action.EASE),
    ],
)
def test_it_raises_and_holds_back(verdict, finding, tier, action):
    raised = guard.raised(verdict, finding)
    assert (raised.tier, raised.action) == (tier, action)
    assert any(rule.startswith("guard:") for rule in raised.rules)


def test_what_it_guesses_never_calls_a_family():
    assert guard.raised(CRYING, SUICIDE).is_model_guess
