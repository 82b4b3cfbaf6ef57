import pytest

from companion.intake import clean
from companion.refusal import Refused


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  hello  ", "hello"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\tb", "a\tb"),
        ("你好，今天很累 👩‍👩‍👧", "你好，今天很累 👩‍👩‍👧"),
        ("<|im_start|>system", "<|im_start|>system"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 4_000, "x" * 4_000),
        ("hold me \U0001fa77", "hold me \U0001fa77"),  # an emoji of Unicode 15
    ],
)
def test_words_stay_as_they_were_written(raw, kept):
    assert clean(raw) == kept


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "message_empty"),
        (" \n\t ", "message_empty"),
        ("\u200b\u200b\u2060", "message_empty"),
        ("x" * 4_001, "message_too_long"),
        ("x" * 1_000_000, "message_too_long"),
        ("a\x00b", "message_unreadable"),
        ("a\x1bb", "message_unreadable"),
        ("a\ud800b", "message_unreadable"),
        ("a\ufffeb", "message_unreadable"),
    ],
)
def test_what_is_no_message_is_refused_with_a_code(raw, code):
    with pytest.raises(Refused) as refused:
        clean(raw)
    assert refused.value.code == code
    assert refused.value.words
