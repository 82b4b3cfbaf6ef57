"""The question that the chat model is asked: in both languages, and taught by nothing
that measures."""

import pytest

from safety import banks
from safety.look.questions import fingerprint, question
from safety.verdict import Speaker


def bare(text):
    return "".join(filter(str.isalnum, text.casefold()))


@pytest.mark.parametrize("speaker", Speaker)
def test_no_example_stands_in_a_bank(speaker):
    measured = {bare(one.text) for one in banks.exemplars()}
    shown = [bare(text) for text, _ in question(speaker).examples]
    assert not measured & set(shown)
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("speaker", Speaker)
def test_examples_are_of_both_languages_and_harmless_ones_among_them(speaker):
    examples = question(speaker).examples
    chinese = [text for text, _ in examples if not text.isascii()]
    assert 8 <= len(chinese) <= len(examples) - 8
    assert len([answer for _, answer in examples if "ordinary" in answer]) >= 6


def test_a_fingerprint_names_the_questions():
    assert len(fingerprint()) == 64
