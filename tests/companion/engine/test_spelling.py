import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.engine.spelling import Spelling
from companion.engine.thoughts import Thoughts


def spelled(pieces, *stops):
    spelling = Spelling(stops)
    said = []
    for piece in pieces:
        said.append(spelling.feed(piece))
        if spelling.has_stopped:
            return said
    return [*said, spelling.rest()]


@given(st.text(), st.integers(min_value=1, max_value=4))
def test_characters_are_whole_however_the_bytes_are_cut(text, size):
    raw = text.encode()
    pieces = [raw[i : i + size] for i in range(0, len(raw), size)]
    said = spelled(pieces)
    assert "".join(said) == text
    assert "�" in text or not any("�" in piece for piece in said)


def test_half_a_character_at_the_end_is_not_said():
    assert "".join(spelled(["好".encode()[:2]])) == ""


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b"Hi. User:", b" no"], "Hi. "),
        ([b"Hi. Us", b"er: no"], "Hi. "),
        ([b"Hi. Us", b"ual"], "Hi. Usual"),
        ([b"Hi. Us"], "Hi. Us"),
    ],
)
def test_a_stop_string_ends_it_and_is_never_said(pieces, said):
    assert "".join(spelled(pieces, "User:", "###")) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>\nhm\n</think>\n\nHello", "Hello"),
        ("Hello", "Hello"),
        ("1 < 2 and <thin ice", "1 < 2 and <thin ice"),
        ("<think>never closed", ""),
        ("A<think>b</think>C<think>d</think>E", "ACE"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_thoughts_are_dropped_and_nothing_else(text, said, size):
    thoughts = Thoughts()
    heard = [thoughts.feed(text[i : i + size]) for i in range(0, len(text), size)]
    assert "".join([*heard, thoughts.rest()]) == said
