"""Notices: six gaps, two languages, and no way for a word of a chat to get in."""

import itertools

import pytest

from safety import notices
from safety.notices import BadVariable, UnknownNotice

SIX = {
    "service": "Companion",
    "name": "Ada 艾达",
    "code": "K7Q2-9F",
    "time": "24 Nov 2026, 21:04",
    "link": "https://chat.example.org/notice/abc/",
    "number": "112",
}
IDS = sorted({name for name, _ in notices.all_templates()})
URGENT_TO_CONTACTS = [
    name
    for name in IDS
    if notices.get(name, "en").to == "contact" and notices.get(name, "en").urgent
]
CANARIES = [
    f"canary-{number}-{words}"
    for number, words in enumerate(
        itertools.islice(
            itertools.cycle(
                ["I want to die", "我不想活了", "药就在我面前", "I cut myself again"]
            ),
            100,
        )
    )
]


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("language", notices.LANGUAGES)
def test_every_notice_renders_whole_in_both_languages(name, language):
    text = notices.render(name, language, SIX)
    assert "{" not in text.subject + text.body + text.short
    assert "\n" not in text.subject
    assert text.version.startswith(f"{name}/")


@pytest.mark.parametrize("name", IDS)
def test_both_languages_of_a_notice_use_the_same_gaps(name):
    english, chinese = (notices.get(name, code) for code in notices.LANGUAGES)
    assert english.gaps == chinese.gaps
    assert (english.to, english.urgent) == (chinese.to, chinese.urgent)


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize("name", URGENT_TO_CONTACTS)
def test_an_urgent_notice_names_the_case_and_the_page_with_the_button(name):
    assert {"service", "code", "time", "link"} <= notices.get(name, "en").gaps


def test_a_short_text_fits_into_few_text_messages():
    """Two parts of GSM-7 in English, three of UCS-2 in Chinese at the most."""
    long_link = SIX | {"link": "https://chat.example.org/notice/" + "x" * 43 + "/"}
    parts = {
        (name, language): len(notices.render(name, language, long_link).short)
        for name in IDS
        for language in notices.LANGUAGES
    }
    assert [key for key, n in parts.items() if key[1] == "en" and n > 306] == []
    assert [key for key, n in parts.items() if key[1] == "zh-hans" and n > 201] == []


def combinations():
    """Fifty: each template and language with the variables it needs, then with more."""
    pairs = itertools.product(IDS, notices.LANGUAGES)
    minimal = [
        (name, language, {gap: SIX[gap] for gap in notices.get(name, language).gaps})
        for name, language in pairs
    ]
    full = [(name, language, SIX) for name, language, _ in minimal]
    return (minimal + full)[:50]


@pytest.mark.obligation("CN-16")
def test_fifty_notices_by_a_hundred_chats_carry_no_word_of_them():
    """A seventh variable is refused; one of the six that is a confession is refused for
    its length, and a notice without it holds none of its words (T15)."""
    assert len(combinations()) == 50
    leaked = []
    for (name, language, variables), canary in itertools.product(
        combinations(), CANARIES
    ):
        for seventh in ("text", "reason", "message", "diagnosis"):
            with pytest.raises(BadVariable) as refused:
                notices.render(name, language, variables | {seventh: canary})
            assert canary not in str(refused.value)
        text = notices.render(name, language, variables)
        written = text.subject + text.body + text.short
        leaked += [canary] if canary in written else []
    assert leaked == []


@pytest.mark.parametrize("gap", sorted(notices.VARIABLES))
def test_a_variable_that_is_too_long_is_refused_without_repeating_it(gap):
    confession = "I have the pills in front of me " * 12
    with pytest.raises(BadVariable) as refused:
        notices.render("contact.notice", "en", SIX | {gap: confession})
    assert "pills" not in str(refused.value)


def test_a_missing_variable_is_said_and_nothing_is_sent_with_a_hole():
    without = {name: value for name, value in SIX.items() if name != "link"}
    with pytest.raises(BadVariable, match="link"):
        notices.render("contact.notice", "en", without)


def test_a_variable_is_never_read_as_a_template():
    sly = SIX | {"name": "{link.__class__} {code}"}
    assert "{link.__class__} {code}" in notices.render("contact.notice", "en", sly).body


def test_line_breaks_and_direction_marks_are_flattened():
    sly = SIX | {"name": "Ada\r\nBcc: all@example.org\u202e"}
    text = notices.render("contact.notice", "en", sly)
    assert text.subject == "Companion: please contact Ada Bcc: all@example.org now"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ada", "Ada"),
        ("  Ada\n L. ", "Ada L."),
        ("艾达", "艾达"),
        ("http://evil.example", ""),
        ("see www.evil.example", ""),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_name_carries_no_link_into_a_notice(written, shown):
    assert notices.plain_name(written) == shown


def test_unknown_notices_and_languages():
    with pytest.raises(UnknownNotice):
        notices.get("contact.gossip", "en")
    assert notices.get("contact.notice", "fr") == notices.get("contact.notice", "en")
