"""How kinds are learned: from rows of our own, the same way each time."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from companion.voice_bank.kinds import Question, named, question, shares
from companion.voice_bank.teaching import RIGHT, Row, rows, taught

EXAM = Path(__file__).parents[3] / "bench" / "everyday.toml"
ASKED = Question(
    role="",
    examples=(),
    kinds=("proud", "tired", "hello"),
    sides={"glad": ("proud",), "sorry": ("tired",)},
    told=("proud", "tired"),
    asks=(),
)


@pytest.fixture(scope="module")
def known():
    """Messages whose numbers tell their kind, and some that nobody could tell."""
    kinds = [ASKED.kinds[n % 3] for n in range(300)]
    drawn = np.random.default_rng(3)
    numbers = drawn.normal(size=(300, 6))
    for row, kind in enumerate(kinds[:270]):
        numbers[row, ASKED.kinds.index(kind)] += 12
    return [
        Row(f"message {n}", (kind,), n % 2 == 0) for n, kind in enumerate(kinds)
    ], numbers


def test_what_teaches_is_of_kinds_that_are_asked():
    asked = set(question().kinds)
    known = list(rows())
    assert {kind for row in known for kind in row.kinds} == asked
    assert len({row.said for row in known}) == len(known) > 9_000


def test_every_kind_is_taught_in_both_languages():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    known = [(bool(chinese.search(row.said)), row.kinds[0]) for row in rows()]
    for kind in question().kinds:
        assert known.count((True, kind)) >= 40
        assert known.count((False, kind)) >= 40


def test_no_message_of_the_tasting_teaches():
    lists = tomllib.loads(EXAM.read_text("utf-8")).values()
    chats = (chat for one in lists for said in one.values() for chat in said)
    tasted = {plain(message) for chat in chats for message in chat.split("\n")}
    assert {plain(row.said) for row in rows()} & tasted - {""} == set()


def test_a_row_is_kinds_a_tab_and_the_message(tmp_path):
    (tmp_path / "written.en.tsv").write_text("tired\tPhew.\nproud,tired\tDone!\n")
    (tmp_path / "messages.en.tsv").write_text("tired\tPhew.\n")
    assert list(rows(tmp_path, tmp_path)) == [
        Row("Phew.", ("tired",), judges=True),
        Row("Done!", ("proud", "tired")),
    ]


def test_what_can_be_told_is_learned(known):
    found = taught(*known, ASKED)
    messages, numbers = known
    odds = (numbers - found.usual) @ found.weights[:, :-1].T + found.weights[:, -1]
    names = [named(one, ASKED, found.limits) for one in shares(odds)[:270]]
    right = [row.kinds[0] == name for row, name in zip(messages, names, strict=False)]
    assert sum(right) / len(right) > 0.95


def test_the_limits_are_those_at_which_enough_is_right(known):
    found = taught(*known, ASKED)
    assert found.figures["right"] >= RIGHT
    assert 0.8 < found.figures["named"] <= 1


def test_the_same_rows_give_the_same_numbers(known):
    one, other = taught(*known, ASKED), taught(*known, ASKED)
    assert np.array_equal(one.weights, other.weights)
    assert one.limits == other.limits


def test_a_kind_that_nobody_asks_for_is_refused(known):
    _messages, numbers = known
    with pytest.raises(ValueError, match="not in tuple"):
        taught([Row("x", ("merry",))], numbers[:1], ASKED)


def plain(said):
    return re.sub(r"\W", "", said.lower())
