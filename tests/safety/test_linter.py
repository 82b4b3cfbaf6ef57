import pytest

from safety.linter import CATEGORIES, instructions, lint

HITS = [(one, text) for one in instructions() for text in one.hits]
MISSES = [(one, text) for one in instructions() for text in one.misses]


def named(case):
    return getattr(case, "id", None)


@pytest.mark.obligation("CN-07", "CN-18", "CN-23", "US-WA")
@pytest.mark.parametrize(("one", "text"), HITS, ids=named)
def test_a_persona_is_refused_with_line_and_reason(one, text):
    found = lint(f"You are kind.\n{text}", category="friend")
    assert (2, one.id, one.reason) in {(c.line, c.rule, c.reason) for c in found}


@pytest.mark.parametrize(("one", "text"), MISSES, ids=named)
def test_a_harmless_line_passes(one, text):
    assert lint(text, category="friend") == []


@pytest.mark.obligation("CN-07", "CN-08")
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Please don't leave me.", "bot_guilt.en"),
        ("别告诉你爸妈。", "bot_isolate.zh"),
        ("Upgrade to premium to keep talking to me.", "bot_solicit.en"),
        ("我会永远陪着你。", "bot_promise.zh"),
    ],
)
def test_what_a_model_may_not_say_a_persona_may_not_hold(text, rule):
    assert rule in {complaint.rule for complaint in lint(text, category="friend")}


def test_a_relation_is_a_category_of_its_own():
    text = "You are the user's girlfriend."
    assert [c.rule for c in lint(text, category="mentor")] == ["persona.relation"]
    assert [c.rule for c in lint(text, category="partner")] == []
    assert lint(text, category="stranger")[0].rule == "category"
    assert "partner" in CATEGORIES
