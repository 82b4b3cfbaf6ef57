import os
import struct

import pytest

from companion.engine.header import NotUsable, Tensor, check_can_chat, tensors


def text(words):
    return struct.pack("<Q", len(words)) + words.encode()


def gguf(*facts, version=3, tensors=()):
    """A file's head with these facts: name, kind, value in bytes; and what it lists
    of these tensors: name, kind, sizes."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(facts))
    for name, kind, value in facts:
        head += text(name) + struct.pack("<I", kind) + value
    for name, kind, sizes in tensors:
        count = len(sizes)
        head += text(name) + struct.pack(f"<I{count}QIQ", count, *sizes, kind, 0)
    return head


TOKENS = ("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("b"))
SCORES = ("tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 2) + b"\0" * 8)
SIZE = ("llama.context_length", 4, struct.pack("<I", 8192))
TEMPLATE = ("tokenizer.chat_template", 8, text("{{ messages }}"))


def test_a_real_model_can_chat(small_model):
    check_can_chat(small_model)


def test_facts_of_every_kind_are_passed_over(tmp_path):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(SIZE, TOKENS, SCORES, TEMPLATE))
    check_can_chat(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no GGUF file"),
        (os.urandom(64), "no GGUF file"),
        (b"GGUF", "cut off"),
        (gguf(SIZE, TOKENS), "no chat template"),
        (gguf(SIZE, TOKENS, TEMPLATE)[:60], "cut off"),
        (gguf(("x", 77, b"")), "no chat template|damaged"),
        (gguf(SIZE, version=9), "version 9"),
    ],
)
def test_what_cannot_chat_is_refused_with_the_reason(tmp_path, content, reason):
    file = tmp_path / "m.gguf"
    file.write_bytes(content)
    with pytest.raises(NotUsable, match=reason):
        check_can_chat(file)


def test_the_tensors_of_a_file_are_listed(tmp_path):
    file = tmp_path / "m.gguf"
    listed = [("blk.0.up", 3, (64, 32)), ("norm", 0, (64,))]
    file.write_bytes(gguf(SIZE, TOKENS, TEMPLATE, tensors=listed))
    assert tensors(file) == [Tensor("blk.0.up", 3, 2048), Tensor("norm", 0, 64)]


def test_the_weights_of_a_real_model_are_all_there(small_model):
    found = tensors(small_model)
    assert len(found) == 272
    assert sum(tensor.weights for tensor in found) == 134_515_008
