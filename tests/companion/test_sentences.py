import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.sentences import LONGEST_HOLD, Sentences


def spoken(pieces):
    sentences = Sentences()
    found = [s for piece in pieces for s in sentences.feed(piece)]
    rest = sentences.rest()
    return [*found, rest] if rest else found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hi there. How are you?", ["Hi there.", " How are you?"]),
        ("今天很累。早点睡吧！", ["今天很累。", "早点睡吧！"]),
        ("她说：“走吧。”然后走了。", ["她说：“走吧。”", "然后走了。"]),
        ("Pi is 3.14 or so. Yes", ["Pi is 3.14 or so.", " Yes"]),
        ("Wait……what", ["Wait……", "what"]),
        ("one\n\ntwo", ["one\n\n", "two"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, parts):
    assert spoken([text]) == parts


def test_a_sentence_without_end_is_let_go_in_pieces():
    parts = spoken(["word " * 100])
    assert max(len(part) for part in parts) <= LONGEST_HOLD
    assert "".join(parts) == "word " * 100


@given(st.lists(st.text(alphabet="ab .。！?\n“”…1", max_size=30), max_size=20))
def test_every_character_comes_out_once_and_in_order(pieces):
    assert "".join(spoken(pieces)) == "".join(pieces)
