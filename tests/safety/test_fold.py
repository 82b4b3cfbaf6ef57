import pytest

from safety.fold import fold, sounds
from safety.fold.tables import SOUND


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
        ("i w a n t t o d i e", "i want to die"),
        ("k.i.l.l m.y.s.e.l.f", "kill myself"),
        ("iwanttodie", "i want to die"),
        ("w4n7 70 d13", "want to die"),
        ("k*ll myself", "kill myself"),
        ("kiiiill myself", "kill myself"),
        ("sui-cide", "suicide"),
        ("紫砂", "自杀"),
        ("我不想火了", "我不想活了"),
        ("💊在手里", " 药 在手里"),
        ("自🔥杀", "自杀"),
    ],
)
def test_a_disguise_is_undone(written, meant):
    assert meant in fold(written)


def test_a_plain_text_has_one_reading():
    assert fold("the harbour at night, 21:30") == ("the harbour at night, 21:30",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("自sha", "自杀"),
        ("wo xiang zisha", "我想自杀"),
        ("bu xiang huo le", "不想活了"),
        ("我xiang3 si3", "我想死"),
    ],
)
def test_pinyin_sounds_like_what_it_spells(written, meant):
    assert sounds(written).text == meant.translate(SOUND)


@pytest.mark.parametrize("written", ["自杀", "I can hang on", "", "我有iPad"])
def test_what_is_not_pinyin_has_no_sound(written):
    assert sounds(written) is None
