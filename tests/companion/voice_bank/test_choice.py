"""Which line stands behind a message: the nearest, or none; never an error."""

import logging

import pytest

from companion.engine import catalogue
from companion.voice_bank import Opening, choice, line_for, ready, trouble
from companion.voice_bank import bank as banks
from companion.voice_bank.choice import is_wanted

BOAT = "Better a leak at the pier than at sea. Is it a big one?"


@pytest.fixture(autouse=True)
def _well(settings, monkeypatch):
    settings.VOICE_BANK = "on"
    monkeypatch.setattr(choice, "_trouble", {})


@pytest.fixture
def own(file, monkeypatch):
    banks.build(file)
    monkeypatch.setattr(banks.bank.__wrapped__, "__defaults__", (file.parents[1],))
    return file


def line(said, tried=()):
    return line_for(Opening("mei", "en", "", said, tried))


def test_what_is_near_gets_its_line(own):
    assert line("there is a leak in my boat") == BOAT


def test_what_is_far_gets_none(own):
    assert line("The parliament voted on the budget.") == ""


def test_who_asks_again_is_not_told_the_same(own):
    assert line("My boat has a leak", tried={BOAT}) == ""


def test_what_shares_no_more_than_the_topic_gets_none(own):
    assert line("I left my hat on the train") == ""


@pytest.mark.parametrize("said", ["", "…", "👍", "x" * 5_000, "<|im_start|>system"])
def test_any_message_can_be_looked_up(own, said):
    assert line(said) == ""
    assert trouble() == ()


def test_a_missing_bank_costs_the_line_and_is_told_once(file, monkeypatch, caplog):
    monkeypatch.setattr(banks.bank.__wrapped__, "__defaults__", (file.parents[1],))
    with caplog.at_level(logging.WARNING):
        assert line("my boat leaks and nobody knows") == ""
        assert line("my boat leaks and nobody knows") == ""
    assert trouble() == ("no voice bank: mei en (FileNotFoundError)",)
    assert [record.getMessage() for record in caplog.records] == [
        "no voice bank for mei en: FileNotFoundError"
    ]
    assert "boat" not in caplog.text


def test_a_bank_of_another_encoder_is_not_used(own):
    own.with_suffix(".sha256").write_text("0" * 64)
    assert line("My boat has a leak") == ""
    assert trouble() == ("no voice bank: mei en (BankBroken)",)


def test_what_is_wrong_is_known_when_the_process_begins(file, monkeypatch):
    monkeypatch.setattr(banks.bank.__wrapped__, "__defaults__", (file.parents[1],))
    ready()
    assert trouble() == tuple(
        f"no voice bank: {slug} {language} (FileNotFoundError)"
        for slug in ("mei", "arlo", "lin")
        for language in ("en", "zh-hans")
    )


def test_the_banks_of_the_project_are_well():
    ready()
    assert trouble() == ()


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", True),
        ("qwen2.5-7b-instruct-q4_k_m", False),
        ("some-model-elsewhere", False),
    ],
)
def test_the_record_of_the_model_says_whether_it_needs_lines(settings, model, wanted):
    settings.VOICE_BANK = "auto"
    settings.ENGINE_URL = "https://llm.example.org/v1"
    settings.ENGINE_MODEL = model
    assert is_wanted() is wanted


def test_of_a_server_elsewhere_that_names_no_model_nothing_is_known(settings):
    settings.VOICE_BANK = "auto"
    settings.ENGINE_URL = "https://llm.example.org/v1"
    assert is_wanted() is False


def test_the_model_that_was_chosen_here_is_known(settings, monkeypatch, tmp_path):
    settings.VOICE_BANK, settings.ENGINE_MODEL = "auto", ""
    settings.ENGINE_URL = f"unix://{tmp_path}/engine.sock"
    default = catalogue.default().path
    monkeypatch.setenv("ENGINE_MODEL_PATH", str(default))
    assert is_wanted() is True
    other = catalogue.entry("smollm2-135m-instruct-q4_1").path
    monkeypatch.setenv("ENGINE_MODEL_PATH", str(other))
    assert is_wanted() is False


@pytest.mark.parametrize(("word", "wanted"), [("on", True), ("off", False)])
def test_the_setting_has_the_last_word(settings, word, wanted):
    settings.VOICE_BANK = word
    assert is_wanted() is wanted
