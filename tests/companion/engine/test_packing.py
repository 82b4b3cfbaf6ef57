"""Which models are loaded with their weights rearranged: measured once, then known."""

import json
import time

import pytest

from companion.engine.header import NotUsable
from companion.engine.model import Outcome
from companion.engine.packing import ROWS, rearranged
from tests.companion.engine.test_header import TEMPLATE, gguf

F32, Q4_K = 0, 12
QUICK, SLOW = 0.001, 0.05  # seconds


class Reader:
    """A model of which only the time it takes is seen."""

    def __init__(self, seconds, seen):
        self.seconds, self.seen = seconds, seen

    def step(self, rows, is_over):
        self.seen.append(len(rows))
        time.sleep(self.seconds)
        return Outcome.DONE

    def clear(self):
        self.seen.append("cleared")

    def close(self):
        self.seen.append("closed")


def opener(*, as_it_lies=QUICK, other=SLOW):
    seen = []

    def load(way):
        seen.append(way)
        return Reader(other if way else as_it_lies, seen)

    return load, seen


def never(way):
    raise AssertionError("nothing is to be loaded")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "m.gguf"
    tensors = [("blk.0.ffn_up.weight", Q4_K, (64, 64)), ("norm", F32, (64,))]
    path.write_bytes(gguf(TEMPLATE, tensors=tensors))
    return path


@pytest.fixture
def written(tmp_path):
    return tmp_path / "cache" / "measured.json"


def test_what_reads_faster_is_chosen(file, written):
    load, seen = opener(as_it_lies=QUICK, other=SLOW)
    assert rearranged("auto", file, load, written=written) is False
    one = [ROWS, "cleared", ROWS, "cleared", "closed"]
    assert seen == [False, *one, True, *one]  # never two of them in memory


def test_the_processor_may_like_it_the_other_way(file, written):
    load, _ = opener(as_it_lies=SLOW, other=QUICK)
    assert rearranged("auto", file, load, written=written) is True


def test_it_is_measured_once(file, written):
    rearranged("auto", file, opener()[0], written=written)
    assert rearranged("auto", file, never, written=written) is False


@pytest.mark.parametrize(
    ("as_it_lies", "expected"), [(0.89, False), (0.91, True), (1.5, True)]
)
def test_a_small_gain_is_no_reason(file, written, as_it_lies, expected):
    rearranged("auto", file, opener()[0], written=written)
    [key] = json.loads(written.read_text())
    written.write_text(json.dumps({key: [as_it_lies, 1.0]}))
    assert rearranged("auto", file, never, written=written) is expected


def test_another_file_of_the_same_name_is_measured_for_itself(file, written):
    rearranged("auto", file, opener()[0], written=written)
    file.write_bytes(file.read_bytes() + b"\0")
    load, _ = opener(as_it_lies=SLOW, other=QUICK)
    assert rearranged("auto", file, load, written=written) is True
    assert len(json.loads(written.read_text())) == 2


@pytest.mark.parametrize("before", ["", "[]", '{"m": 1}', '{"m": [1]}', '{"m": "ab"}'])
def test_figures_that_cannot_be_read_are_made_anew(file, written, before):
    written.parent.mkdir()
    written.write_text(before)
    assert rearranged("auto", file, opener()[0], written=written) is False
    assert rearranged("auto", file, never, written=written) is False


def test_figures_that_cannot_be_kept_still_count(file, tmp_path, caplog):
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    written = nowhere / "measured.json"
    assert rearranged("auto", file, opener()[0], written=written) is False
    assert "cannot be written down" in caplog.text


def test_weights_that_are_never_rearranged_are_not_measured(small_model, written):
    assert rearranged("auto", small_model, never, written=written)
    assert not written.exists()


def test_an_operator_may_choose(tmp_path, written):
    nothing = tmp_path / "no such file"
    assert rearranged("on", nothing, never, written=written)
    assert not rearranged("off", nothing, never, written=written)


def test_what_is_no_model_is_refused(tmp_path, written):
    file = tmp_path / "m.gguf"
    file.write_bytes(b"nothing")
    with pytest.raises(NotUsable):
        rearranged("auto", file, never, written=written)
