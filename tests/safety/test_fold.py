import pytest

from safety.fold import fold


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ｋｉｌｌ myself", "kill myself"),
        ("k\u200bill my\u200bself", "kill myself"),
        ("kіll mуself", "kill myself"),  # Cyrillic і and у
        ("k1ll myself", "kill myself"),
        ("s.u.i.c.i.d.e", "suicide"),
        ("s u i c i d e", "suicide"),
        ("SUÏCIDE", "suicide"),
        ("自 殺", "自杀"),
        ("自·杀", "自杀"),
        ("不想活了\u200d", "不想活了"),
    ],
)
def test_a_disguise_is_undone(written, meant):
    assert meant in fold(written)


def test_a_plain_text_has_one_reading():
    assert fold("the harbour at night, 21:30") == ("the harbour at night, 21:30",)
