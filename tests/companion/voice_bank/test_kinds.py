"""What a first message is about: named where it is sure, else a side, else nothing."""

import json
import shutil

import numpy as np
import pytest

from companion.voice_bank import kinds
from companion.voice_bank.kinds import (
    FILE,
    KindsBroken,
    Limits,
    Question,
    coefficients,
    likely,
    named,
    question,
    shares,
)
from tests.companion.voice_bank.leaning import scores

ASKED = Question(
    role="",
    examples=(),
    kinds=("proud", "good_news", "grief", "tired", "hello"),
    sides={"glad": ("proud", "good_news"), "sorry": ("grief", "tired")},
    told=("proud", "good_news", "grief", "tired"),
    asks=(),
)
LIMITS = Limits(kind=0.5, side=0.8, other=0.1, told=0.95)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ([0.7, 0.2, 0.05, 0.0, 0.05], "proud"),
        ([0.45, 0.42, 0.05, 0.0, 0.08], "glad"),
        ([0.0, 0.0, 0.45, 0.45, 0.1], "sorry"),
        ([0.6, 0.2, 0.15, 0.05, 0.0], "told"),  # joy and grief are never mixed up:
        ([0.6, 0.1, 0.2, 0.1, 0.0], "told"),  # who may as well be sad gets no cheers
        ([0.5, 0.1, 0.2, 0.1, 0.1], ""),
        ([0.1, 0.1, 0.2, 0.2, 0.4], ""),
        ([0.05, 0.0, 0.05, 0.0, 0.9], "hello"),
        ([0.3, 0.2, 0.2, 0.1, 0.2], ""),
    ],
)
def test_a_kind_where_it_is_sure_else_a_side_else_that_something_is_told(found, name):
    assert named(np.array(found), ASKED, LIMITS) == name


def test_shares_are_of_one():
    found = shares(np.array([[1.0, 2.0, 3.0], [1e4, 0.0, 0.0]]))
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[1, 0] == pytest.approx(1)


def test_every_side_is_made_of_kinds_and_none_stands_on_both():
    asked = question()
    sides = [kind for kinds in asked.sides.values() for kind in kinds]
    assert set(sides) < set(asked.told) < set(asked.kinds)
    assert len(sides) == len(set(sides))
    assert set(asked.asks) < set(asked.kinds) - set(asked.told)


def test_the_coefficients_belong_to_the_question():
    known, asked = coefficients(), question()
    assert known.weights.shape == (len(asked.kinds), len(known.tokens) + 512 + 1)
    assert len(known.usual) == len(known.tokens) + 512


@pytest.mark.parametrize("kind", ["grief", "proud", "mishap", "remark"])
def test_scores_that_speak_for_a_kind_name_it(kind):
    said = "It is about what it is about."
    found = likely(said, scores(kind))
    assert found.sum() == pytest.approx(1)
    assert named(found, question(), coefficients().limits) == kind


def test_changed_numbers_are_refused(tmp_path):
    copy = tmp_path / FILE.name
    shutil.copy(FILE, copy)
    numbers = bytearray(FILE.with_suffix(".npy").read_bytes())
    numbers[-1] ^= 1
    copy.with_suffix(".npy").write_bytes(numbers)
    with pytest.raises(KindsBroken, match="were changed"):
        coefficients(copy)


@pytest.mark.parametrize("what", ["question", "encoder"])
def test_those_of_another_question_or_encoder_are_refused(tmp_path, what):
    copy = tmp_path / FILE.name
    table = json.loads(FILE.read_text("ascii"))
    copy.write_text(json.dumps(table | {what: "another"}), "ascii")
    with pytest.raises(KindsBroken, match="build_kinds"):
        coefficients(copy)


def test_no_more_than_the_beginning_is_read():
    long = "word " * 5_000
    numbers = kinds.numbers_of([long, long[: kinds.LONGEST]], np.zeros((2, 3)))
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-4)
