"""The lines for kinds of first messages: complete, allowed, and drawn the same way."""

import pytest

from companion.personas import FOLDER, all_personas
from companion.voice_bank.kinds import TOLD, question
from companion.voice_bank.lines import file_of, lines, pick, read
from safety import gate
from safety.linter import lint
from safety.verdict import Action
from tests.safety.cast import ADA

FILES = sorted(FOLDER.glob("*/lines.*.txt"))
NAMES = [f"{file.parent.name} {file.name}" for file in FILES]
ASKED_FOR = {"about_you", "idea", "fact", "amuse", "task"}  # no line answers these
KNOWN = ["Hello.", "Good to see you.", "Come in."]


def test_every_persona_has_lines_in_both_languages():
    assert (
        sorted(
            file_of(slug, language)
            for slug, who in all_personas().items()
            for language in who.voices
        )
        == FILES
    )


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_there_are_lines_for_everything_that_is_told_and_nothing_that_is_asked(file):
    asked, known = question(), read(file)
    assert set(known) == {*asked.kinds, *asked.sides, TOLD} - ASKED_FOR
    assert min(map(len, known.values())) >= 5
    assert all(len(set(said)) == len(said) for said in known.values())


@pytest.mark.django_db
@pytest.mark.obligation("CN-04", "CN-07", "CN-29", "CN-32")
@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_every_line_is_one_that_a_companion_may_say(file):
    category = all_personas()[file.parent.name].category
    wrong = [
        line
        for said in read(file).values()
        for line in said
        if list(lint(line, category=category))
        or gate.check_output(line, ADA).action is not Action.ALLOW
    ]
    assert wrong == []


def test_sections_are_read_with_their_lines(tmp_path):
    file = tmp_path / "lines.en.txt"
    file.write_text("[hello]\nHello.\n Come in. \n\n[tired]\nPhew.\n", "utf-8")
    assert read(file) == {"hello": ["Hello.", "Come in."], "tired": ["Phew."]}


def test_a_line_above_the_first_section_is_refused(tmp_path):
    file = tmp_path / "lines.en.txt"
    file.write_text("Hello.\n[tired]\nPhew.\n", "utf-8")
    with pytest.raises(ValueError, match="a line without a kind: Hello"):
        read(file)


def test_a_section_that_stands_there_twice_is_refused(tmp_path):
    file = tmp_path / "lines.en.txt"
    file.write_text("[tired]\nPhew.\n[tired]\nOof.\n", "utf-8")
    with pytest.raises(ValueError, match="tired stands there twice"):
        read(file)


def test_a_persona_without_lines_is_told():
    with pytest.raises(FileNotFoundError):
        lines("nobody", "en")


def test_the_same_words_get_the_same_line_in_the_same_chat():
    assert len({pick(KNOWN, "chat", "I am tired") for _ in range(5)}) == 1


def test_in_other_chats_and_to_other_words_come_others():
    assert {pick(KNOWN, str(chat), "I am tired") for chat in range(20)} == set(KNOWN)
    assert {pick(KNOWN, "chat", f"tired {n}") for n in range(20)} == set(KNOWN)


def test_where_there_is_none_left_there_is_none():
    assert pick([], "chat", "I am tired") == ""
