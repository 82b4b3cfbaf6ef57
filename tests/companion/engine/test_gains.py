"""Which models are read with OpenBLAS, told from the kinds of their weights."""

import pytest

from companion.engine.gains import with_openblas
from companion.engine.header import NotUsable
from tests.companion.engine.test_header import TEMPLATE, gguf

F32, Q4_0, Q4_1, Q5_1, Q4_K, Q6_K = 0, 2, 3, 7, 12, 14
HEAD = ("token_embd.weight", Q4_1, (64, 9000))


def layers(*kinds):
    return [(f"blk.{n}.ffn_up.weight", kind, (64, 64)) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "gains"),
    [
        ([Q4_1, Q4_1, F32], True),
        ([Q5_1, Q4_1, Q4_K], True),
        ([Q4_1, Q4_0], False),  # half of it is not most of it
        ([Q4_K, Q6_K], False),
        ([], False),
    ],
)
def test_most_weights_of_the_layers_decide(tmp_path, kinds, gains):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(TEMPLATE, tensors=[HEAD, *layers(*kinds)]))
    assert with_openblas("auto", file, threads=1) is gains


def test_the_small_model_gains_in_one_thread(small_model):
    assert with_openblas("auto", small_model, threads=1)
    assert not with_openblas("auto", small_model, threads=2)


def test_a_choice_is_kept_whatever_the_file_is(tmp_path):
    nothing = tmp_path / "no.gguf"
    assert with_openblas("on", nothing, threads=2)
    assert not with_openblas("off", nothing, threads=1)


def test_a_damaged_file_is_named(tmp_path):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(TEMPLATE, tensors=layers(Q4_1))[:-9])
    with pytest.raises(NotUsable, match=r"m\.gguf is cut off or damaged"):
        with_openblas("auto", file, threads=1)
