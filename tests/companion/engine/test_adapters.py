"""A small adapter beside a real model: it changes what is said, and a wrong one is
refused in words."""

import dataclasses
import random
import struct

import pytest

from companion.engine import adapters, catalogue
from companion.engine.catalogue import Adapter, titled
from companion.engine.loading import loaded
from companion.engine.request import Sampling
from companion.engine.sums import sum_of
from tests.companion.engine.served import Desk, asked
from tests.companion.engine.test_header import text

STRING, NUMBER, F32 = 8, 6, 0
RANK, WIDTH = 4, 576  # of the small model
ROOM = {"threads": 1, "window": 512, "cells": 2048}
SEA = asked(
    "Tell me of the sea.",
    sampling=Sampling(temperature=0, repeat_penalty=1.0),
    max_tokens=12,
)


def adapter_file(path, *, width=WIDTH, strength=0.3, layers=range(30)):
    """The output of each layer's attention is bent a little, the same way each time."""
    dice = random.Random(7)
    facts = (
        ("general.architecture", STRING, text("llama")),
        ("general.type", STRING, text("adapter")),
        ("adapter.type", STRING, text("lora")),
        ("adapter.lora.alpha", NUMBER, struct.pack("<f", RANK)),
    )
    shapes = {"a": (width, RANK), "b": (RANK, width)}
    named = [(layer, which) for layer in layers for which in shapes]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(named), len(facts))
    for name, kind, value in facts:
        head += text(name) + struct.pack("<I", kind) + value
    body = b""
    for layer, which in named:
        name = f"blk.{layer}.attn_output.weight.lora_{which}"
        head += text(name) + struct.pack("<I2QI", 2, *shapes[which], F32)
        head += struct.pack("<Q", len(body))
        values = (dice.gauss(0, strength) for _ in range(width * RANK))
        body += struct.pack(f"<{width * RANK}f", *values)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + body)
    return path


@pytest.fixture
def without(monkeypatch):
    monkeypatch.delenv("ENGINE_ADAPTER", raising=False)


def said_by(model):
    return Desk(model).speak(SEA).text


def test_a_model_speaks_otherwise_with_an_adapter(tmp_path, small_model, monkeypatch):
    plain = loaded(small_model, **ROOM)
    before = said_by(plain)
    plain.close()
    voice = adapter_file(tmp_path / "loud.gguf")
    monkeypatch.setenv("ENGINE_ADAPTER", str(voice))
    bent = loaded(small_model, **ROOM)
    assert bent.name == titled(small_model, voice) == f"{small_model.stem}+loud"
    assert said_by(bent) != before
    bent.close()


def test_an_adapter_that_adds_nothing_changes_nothing(
    tmp_path, small_model, monkeypatch, llama
):
    llama.clear()
    voice = adapter_file(tmp_path / "silent.gguf", strength=0)
    monkeypatch.setenv("ENGINE_ADAPTER", str(voice))
    model = loaded(small_model, **ROOM)
    assert said_by(model) == said_by(llama)
    model.close()


@pytest.mark.parametrize("width", [WIDTH // 2, 1536])
def test_an_adapter_of_another_model_is_refused(
    tmp_path, small_model, monkeypatch, width
):
    other = adapter_file(tmp_path / "other.gguf", width=width)
    monkeypatch.setenv("ENGINE_ADAPTER", str(other))
    with pytest.raises(ValueError, match=r"other\.gguf is not a whole adapter"):
        loaded(small_model, **ROOM)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no adapter" * 50])
def test_a_file_that_is_no_adapter_is_refused(
    tmp_path, small_model, monkeypatch, content
):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content)
    monkeypatch.setenv("ENGINE_ADAPTER", str(broken))
    with pytest.raises(ValueError, match=r"broken\.gguf is not a whole adapter"):
        loaded(small_model, **ROOM)


def test_a_missing_adapter_is_not_left_out_in_silence(
    tmp_path, small_model, monkeypatch
):
    monkeypatch.setenv("ENGINE_ADAPTER", str(tmp_path / "gone.gguf"))
    with pytest.raises(ValueError, match=r"gone\.gguf is missing; ENGINE_ADAPTER=none"):
        loaded(small_model, **ROOM)


def test_a_model_of_ones_own_has_no_adapter(small_model, without):
    assert adapters.adapter_for(small_model.with_name("own.gguf")) is None


def test_the_catalogue_pins_every_byte_of_an_adapter(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "VOICES", tmp_path)
    file = adapter_file(tmp_path / "voice.gguf")
    known = Adapter(file=file.name, sha256=sum_of(file))
    assert adapters.pinned(known) == file
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match=r"voice\.gguf has the sha256 .* must have"):
        adapters.pinned(known)
    file.unlink()
    with pytest.raises(ValueError, match=r"voice\.gguf is missing"):
        adapters.pinned(known)


def test_an_engine_that_runs_a_model_is_known_with_its_adapter_and_without():
    plain = catalogue.default()
    taught = dataclasses.replace(plain, adapter=Adapter("voice.gguf", "0" * 64))
    assert taught.is_called(plain.name)
    assert taught.is_called(f"{plain.name}+voice")
    assert not plain.is_called(f"{plain.name}+voice")
    assert not taught.is_called("")
