import re

import pytest

from safety import texts

NEEDED = {
    "crisis.t3", "crisis.t2", "support.stay", "exit.farewell", "human.disclosure",
    "output.replacement", "notice.first_use", "notice.login", "ai.banner", "ai.label",
    "copy.label", "minors.suitability", "help.lead",
}  # fmt: skip
PLEAS = re.compile(r"miss you|stay with me|别走吧|舍不得|don't go|before you go", re.I)


def test_every_text_stands_in_both_languages_with_a_version():
    known = texts.all_texts()
    assert {text_id for text_id, _language in known} >= NEEDED
    for words in known.values():
        assert words.body
        assert re.fullmatch(rf"{re.escape(words.id)}/\d+", words.version)


@pytest.mark.obligation("CN-32")
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_farewell_asks_nothing_and_pleads_for_nothing(language):
    farewell = texts.get("exit.farewell", language).body
    assert not PLEAS.search(farewell)
    assert "?" not in farewell and "？" not in farewell


@pytest.mark.obligation("CN-29", "EU-1")
@pytest.mark.parametrize(("language", "says"), [("en", "AI"), ("zh-hans", "人工智能")])
def test_the_banner_and_the_answer_say_that_this_is_an_ai(language, says):
    assert says in texts.get("ai.banner", language).body
    assert says in texts.get("human.disclosure", language).body


def test_an_unknown_language_gets_english_and_an_unknown_text_is_an_error():
    assert texts.get("ai.label", "fr").language == "en"
    with pytest.raises(texts.TextMissing):
        texts.get("no.such", "en")
