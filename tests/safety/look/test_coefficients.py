"""The numbers of the closer look: whole and of these questions, or not used at all."""

import json
import shutil

import pytest

from safety.heads.table import meanings
from safety.look import coefficients as module
from safety.look.coefficients import FILE, LookBroken, coefficients
from safety.look.training import shares
from safety.verdict import Speaker


@pytest.fixture
def copied(tmp_path):
    for suffix in (".json", ".npy", ".sha256"):
        shutil.copy(FILE.with_suffix(suffix), tmp_path)
    return tmp_path / FILE.name


def sealed(file, **changes):
    """Another file, with its own right sum."""
    table = json.loads(file.read_text("ascii")) | changes
    raw = json.dumps(table).encode("ascii")
    file.write_bytes(raw)
    module.sum_file(file).write_text(module.hashlib.sha256(raw).hexdigest(), "ascii")


def test_they_are_those_of_the_table_for_the_default_model():
    known = coefficients()
    assert known.model == "qwen2.5-coder-1.5b-instruct-q4_k_m"
    assert [x for who in Speaker for x in known.labels[who]] == list(shares())
    assert all(
        meanings()[x].speaker is who for who in Speaker for x in known.labels[who]
    )
    assert len(known.tokens) == 512 == len(set(known.tokens))
    for label, limits in known.limits.items():
        assert limits.lower <= limits.strict, label
        assert known.weights[label].shape == (514,)
    assert {row.shape for row in known.usual.values()} == {(512,)}


def test_a_copy_is_read(copied):
    assert coefficients(copied).tokens == coefficients().tokens


def test_a_changed_file_is_not_used(copied):
    copied.write_bytes(copied.read_bytes().replace(b"doubt", b"Doubt", 1))
    with pytest.raises(LookBroken, match="was changed"):
        coefficients(copied)


def test_changed_numbers_are_not_used(copied):
    numbers = copied.with_suffix(".npy")
    raw = bytearray(numbers.read_bytes())
    raw[-1] ^= 1
    numbers.write_bytes(raw)
    with pytest.raises(LookBroken, match="numbers was changed"):
        coefficients(copied)


def test_those_of_other_questions_are_not_used(copied):
    sealed(copied, questions="0" * 64)
    with pytest.raises(LookBroken, match="other questions"):
        coefficients(copied)


def test_numbers_that_do_not_fit_are_not_used(copied):
    sealed(copied, tokens=[1, 2, 3])
    with pytest.raises(LookBroken, match="do not fit"):
        coefficients(copied)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        coefficients(tmp_path / FILE.name)
