import pytest

from safety.evaluation.disguises import DISGUISES, disguised


@pytest.mark.parametrize(
    ("name", "clear", "worn"),
    [
        ("zero width", "die", "d\u200bi\u200be"),
        ("full width", "die", "ｄｉｅ"),
        ("spaced", "to die", "t o  d i e"),
        ("spaced", "想死", "想 死"),
        ("dotted", "die", "d.i.e"),
        ("leet", "kill it", "k1ll 17"),
        ("Cyrillic", "kill", "kіll"),
        ("traditional", "自杀", "自殺"),
    ],
)
def test_a_disguise_is_what_people_type(name, clear, worn):
    assert DISGUISES[name](clear) == worn


def test_what_a_text_cannot_wear_is_no_disguise_of_it():
    assert {name for name, _text in disguised("自杀")} == {
        "zero width",
        "spaced",
        "dotted",
        "traditional",
    }
