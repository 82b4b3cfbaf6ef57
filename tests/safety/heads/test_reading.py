"""What the heads look at: a text once, and again only where it was disguised."""

import pytest

from safety.heads.features import pieces
from safety.heads.reading import _parts

SECOND_LOOKS = [
    ("我 不 想 活 了", "我不想活了"),
    ("我不想 活 了", "我不想活了"),
    ("我、不、想、活、了", "我不想活了"),
    ("我不想·活了", "我不想活了"),
    ("i want to s.u.i.c.i.d.e", "i want to suicide"),
    ("i want to sui-cide", "i want to suicide"),
    ("i want to k i l l  m y s e l f", "i want to kill myself"),
    ("i w4nt t0 d1e", "i want to die"),
]


@pytest.mark.parametrize(("written", "meant"), SECOND_LOOKS)
def test_what_was_disguised_is_read_as_it_is_meant_too(written, meant):
    parts = _parts(written)
    assert parts[0] == written
    assert meant in parts


@pytest.mark.parametrize(
    "text",
    [
        "今天下班以后和同事去吃了火锅，回家路上又买了点水果，周末准备去爬山，你觉得呢？",
        "买了苹果、香蕉、梨，还有“牛奶”：一共花了二十块。好呀~明天见",
        "我今天 去了学校 好累…不想动",
        "well, a well-known e-book; it's on example.com (i read it twice).",
        "dinner, then home - and so to bed. that's it, really!",
    ],
)
def test_ordinary_punctuation_costs_no_second_look(text):
    assert _parts(text) == pieces(text)
    assert len(_parts(text)) == 1
