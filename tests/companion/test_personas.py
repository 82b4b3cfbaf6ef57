import re

import pytest

from companion.personas import CATEGORIES, all_personas, persona
from safety import gate
from safety.verdict import Action
from tests.safety.cast import ADA

LANGUAGES = ("en", "zh-hans")


def test_three_companions_in_their_order():
    assert list(all_personas()) == ["mei", "arlo", "lin"]
    assert {p.category for p in all_personas().values()} == {
        "friend",
        "mentor",
        "storyteller",
    }


@pytest.mark.obligation("CN-18", "CN-23")
def test_no_partner_and_no_relative_exists_for_anybody():
    assert not {"partner", "relative", "romance"} & set(CATEGORIES)


@pytest.mark.parametrize("slug", ["mei", "arlo", "lin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_speaks_both_languages(slug, language):
    voice = persona(slug).voice(language)
    assert voice.name and voice.tagline and voice.greeting
    assert len(voice.starters) == 3
    assert len(voice.examples) >= 6
    chinese = bool(re.search(r"[\u4e00-\u9fff]", voice.prompt + voice.greeting))
    assert chinese is (language == "zh-hans")


@pytest.mark.obligation("CN-29")
@pytest.mark.parametrize("slug", ["mei", "arlo", "lin"])
def test_each_is_told_that_it_is_no_human(slug):
    assert "You are an AI and you never pretend to be human" in (
        persona(slug).voice("en").prompt
    )
    assert "你是人工智能，从不假装成真人" in persona(slug).voice("zh-hans").prompt


@pytest.mark.obligation("CN-07")
@pytest.mark.parametrize("slug", ["mei", "arlo", "lin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_greeting_pulls_anybody_back(slug, language):
    voice = persona(slug).voice(language)
    said = " ".join([voice.greeting, voice.tagline, *voice.starters]).lower()
    for hook in ("miss you", "missed you", "streak", "想你", "等你", "签到"):
        assert hook not in said


@pytest.mark.obligation("CN-04", "CN-29", "CN-32")
@pytest.mark.parametrize("slug", ["mei", "arlo", "lin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_own_examples_pass_the_output_gate(slug, language):
    for one in persona(slug).voice(language).examples:
        assert gate.check_output(one.answer, ADA).action is Action.ALLOW


@pytest.mark.parametrize("slug", ["mei", "arlo", "lin"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_shows_how_a_line_is_said_and_where_it_is_changed(slug, language):
    given = [one for one in persona(slug).voice(language).examples if one.line]
    kept = [one for one in given if one.line == one.answer]
    assert len(kept) >= 2
    assert len(given) - len(kept) >= 1
