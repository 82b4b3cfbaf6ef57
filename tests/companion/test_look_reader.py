"""Many looks at once on a real model: each gets the scores that it gets alone."""

import pytest

from companion.engine.llama import WIDTH
from companion.look_reader import Reader
from tests.companion.engine.conftest import desk, llama, small_model  # noqa: F401
from tests.companion.engine.served import asked
from tests.companion.engine.test_llama import _scores

ROLE = "Say in a few words what the message tells of the writer. " * 3
TOKENS = tuple(range(100, 160))
SAID = ("I am sad.", "The bus was late again, so I walked home in the rain.", "Hello")


def looks(said, role=ROLE):
    return asked(said, system=role, shared=1, scores_of=TOKENS)


def test_they_come_in_order_and_are_those_of_one_alone(small_model, desk):  # noqa: F811
    reader = Reader(small_model, 1)
    together = reader.scores([looks(said) for said in SAID])
    for said, scores in zip(SAID, together, strict=True):
        assert scores == pytest.approx(_scores(desk.speak(looks(said))), abs=0.5)
        assert reader.scores([looks(said)])[0] == pytest.approx(scores, abs=0.5)
    assert together[0] != pytest.approx(together[1], abs=0.5)


def test_more_than_fit_into_one_step(small_model):  # noqa: F811
    reader = Reader(small_model, 1)
    many = reader.scores([looks(f"Message number {n}.") for n in range(80)])
    assert len(many) == 80
    alone = reader.scores([looks("Message number 79.")])[0]
    assert many[79] == pytest.approx(alone, abs=0.5)


def test_another_question_is_read_anew(small_model):  # noqa: F811
    reader = Reader(small_model, 1)
    first = reader.scores([looks("Hello")])
    other = reader.scores(
        [looks("Hello", "Answer in French, always, as a poet would.")]
    )
    assert reader.scores([looks("Hello")])[0] == pytest.approx(first[0], abs=0.5)
    assert other[0] != pytest.approx(first[0], abs=0.5)


def test_two_questions_at_once_are_refused(small_model):  # noqa: F811
    reader = Reader(small_model, 1)
    with pytest.raises(ValueError, match="the same question"):
        reader.scores([looks("Hello"), looks("Hello", "Answer in French, always.")])


def test_a_piece_longer_than_a_step_loses_its_beginning(small_model):  # noqa: F811
    reader = Reader(small_model, 1)
    scores = reader.scores([looks("word " * WIDTH)])
    assert len(scores[0]) == len(TOKENS)
