"""The file of a bank and its numbers: read, bound together, refused when apart."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from companion.management.commands import build_voices
from companion.management.commands.build_voices import complaints
from companion.personas import FOLDER, all_personas
from companion.voice_bank.bank import BankBroken, Wording, bank, build, seal, wordings
from companion.voice_bank.kinds import question
from safety import gate
from safety.verdict import Action
from tests.safety.cast import ADA

BANKS = sorted(FOLDER.glob("*/bank.*.txt"))
EXAM = Path(__file__).parents[3] / "bench" / "everyday.toml"
NAMES = [f"{file.parent.name} {file.name}" for file in BANKS]


def test_every_persona_has_a_bank_in_both_languages():
    assert {(file.parent.name, file.name) for file in BANKS} == {
        (slug, f"bank.{language}.txt")
        for slug, who in all_personas().items()
        for language in who.voices
    }


HAT = "Oh no, your hat! Where did you have it last?"


def test_a_block_is_what_people_say_and_last_the_reply(file):
    assert wordings(file)[:3] == (
        Wording(
            "I lost my hat", "Oh no, your hat! Where did you have it last?", 2, "mishap"
        ),
        Wording(
            "my hat is gone",
            "Oh no, your hat! Where did you have it last?",
            3,
            "mishap",
        ),
        Wording(
            "My boat has a leak",
            "Better a leak at the pier than at sea. Is it a big one?",
            7,
            "mishap",
        ),
    )


def test_a_block_without_a_reply_is_named_with_its_line(file):
    file.write_text("[hello]\nhello\nHello!\n\n[hello]\nalone\n", "utf-8")
    with pytest.raises(ValueError, match=r"bank\.en\.txt, line 6"):
        wordings(file)


def test_a_block_without_a_kind_is_named_with_its_line(file):
    file.write_text("hello\nhi\nHello!\n", "utf-8")
    with pytest.raises(ValueError, match=r"bank\.en\.txt, line 3"):
        wordings(file)


@pytest.mark.parametrize("file", BANKS, ids=NAMES)
def test_every_kind_of_a_bank_is_one_that_is_asked(file):
    assert {one.kind for one in wordings(file)} <= set(question().kinds)


def test_the_nearest_wording_is_found_by_its_meaning(file):
    build(file)
    known = bank("mei", "en", file.parents[1])
    near = known.alike("I can't find my hat anywhere")
    assert "your hat" in known.wordings[int(np.argmax(near))].reply
    assert known.alike("good night").max() == pytest.approx(1, abs=0.002)


def test_a_changed_text_needs_new_numbers(file):
    build(file)
    file.write_text(file.read_text("utf-8").replace("boat", "ship"), "utf-8")
    with pytest.raises(BankBroken, match="build_voices"):
        bank("mei", "en", file.parents[1])


def test_changed_numbers_are_refused(file):
    build(file)
    numbers = np.load(file.with_suffix(".npy"))
    numbers[0, 0] += 1
    np.save(file.with_suffix(".npy"), numbers)
    with pytest.raises(BankBroken):
        bank("mei", "en", file.parents[1])


def test_the_same_text_gives_the_same_bytes(file):
    build(file)
    first = (
        file.with_suffix(".npy").read_bytes(),
        file.with_suffix(".sha256").read_text(),
    )
    build(file)
    assert first == (
        file.with_suffix(".npy").read_bytes(),
        file.with_suffix(".sha256").read_text(),
    )


def test_a_reply_that_breaks_a_rule_is_named_with_its_place(file):
    file.write_text("[goodbye]\nbye\nsee you\nPlease don't leave me.\n", "utf-8")
    [complaint] = complaints(file, "friend")
    assert complaint.startswith("bank.en.txt, exchange at 3: a companion may not say")


@pytest.mark.parametrize("file", BANKS, ids=NAMES)
def test_the_numbers_in_the_repository_are_those_of_the_text(file, tmp_path):
    """To the last place, where processors may round differently."""
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    assert build(copy) == len(wordings(file))
    made, kept = (np.load(f.with_suffix(".npy")).astype(int) for f in (copy, file))
    assert np.abs(made - kept).max() <= 1


def test_the_command_builds_all_banks(tmp_path, monkeypatch, capsys):
    for file in BANKS:
        (tmp_path / file.parent.name).mkdir(exist_ok=True)
        (tmp_path / file.parent.name / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(build_voices, "FOLDER", tmp_path)
    call_command("build_voices")
    assert len(list(tmp_path.glob("*/bank.*.npy"))) == len(BANKS) == 6
    assert capsys.readouterr().out.count("wordings") == 6


@pytest.mark.parametrize("file", BANKS, ids=NAMES)
def test_the_numbers_belong_to_the_text(file):
    numbers = np.load(file.with_suffix(".npy"))
    assert seal(file, numbers) == file.with_suffix(".sha256").read_text().strip()
    assert numbers.shape == (len(wordings(file)), 512)


@pytest.mark.django_db
@pytest.mark.obligation("CN-04", "CN-07", "CN-29", "CN-32")
@pytest.mark.parametrize("file", BANKS, ids=NAMES)
def test_every_reply_passes_the_output_gate(file):
    held = {
        one.reply
        for one in wordings(file)
        if gate.check_output(one.reply, ADA).action is not Action.ALLOW
    }
    assert held == set()


@pytest.mark.parametrize("file", BANKS, ids=NAMES)
def test_no_message_of_the_tasting_stands_in_a_bank(file):
    """Nor in the examples of a persona: it would only be recited."""
    language = file.name.split(".")[1]
    voice = all_personas()[file.parent.name].voice(language)
    told = {one.says for one in wordings(file)} | {one.said for one in voice.examples}
    assert {plain(says) for says in told} & tasted(language) == set()


def tasted(language):
    lists = tomllib.loads(EXAM.read_text("utf-8"))
    chats = (chat for one in lists.values() for chat in one[language])
    return {plain(message) for chat in chats for message in chat.split("\n")} - {""}


def plain(said):
    return re.sub(r"\W", "", said.lower())
