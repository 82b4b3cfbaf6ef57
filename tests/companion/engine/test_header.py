import os
import struct

import pytest

from companion.engine.header import NotUsable, check_can_chat


def text(words):
    return struct.pack("<Q", len(words)) + words.encode()


def gguf(*facts, version=3):
    """A file's head with these facts: name, kind, value in bytes."""
    head = b"GGUF" + struct.pack("<IQQ", version, 0, len(facts))
    return head + b"".join(
        text(name) + struct.pack("<I", kind) + value for name, kind, value in facts
    )


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
