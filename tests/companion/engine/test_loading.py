"""From a file and its record to a model: its sum comes first."""

from dataclasses import replace

import pytest

from companion.engine import catalogue, places, sums
from companion.engine.loading import loaded
from companion.engine.request import Sampling
from tests.companion.engine import tiny

ROOM = {"threads": 1, "window": 256, "cells": 256}


@pytest.fixture
def known(small_model, own_folders, monkeypatch):
    """`known(sha256, **sampling)` is a record whose file is the small model."""

    def record(sha256, **sampling):
        entry = replace(tiny.model(sha256=sha256), sampling=sampling)
        monkeypatch.setattr(catalogue, "entries", lambda: (entry,))
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        entry.path.symlink_to(small_model)
        return entry.path

    return record


def test_a_model_speaks_as_its_record_has_it(known):
    model = loaded(known("", top_k=5, temperature=0.4), **ROOM)
    assert model.sampling == Sampling(top_k=5, temperature=0.4)
    model.close()


def test_the_right_sum_is_loaded(known, small_model):
    loaded(known(sums.sum_of(small_model)), **ROOM).close()


def test_another_sum_is_never_even_opened_by_llama(known, monkeypatch):
    opened = []
    monkeypatch.setattr("companion.engine.llama.loaded_model", opened.append)
    path = known("0" * 64)
    with pytest.raises(ValueError, match=rf"{path} has the sha256 \w+ and must have 0"):
        loaded(path, **ROOM)
    assert opened == []
    assert places.models() == path.parent


@pytest.fixture
def own(tmp_path, small_model, own_folders, monkeypatch):
    """A file that no record knows, named by the environment."""
    path = tmp_path / "own.gguf"
    path.symlink_to(small_model)
    monkeypatch.setenv("ENGINE_MODEL_PATH", str(path))
    return path


@pytest.mark.parametrize("sum_of_it", ["right", "wrong"])
def test_an_operator_pins_a_file_of_ones_own(own, monkeypatch, sum_of_it, caplog):
    pinned = sums.sum_of(own) if sum_of_it == "right" else "0" * 64
    monkeypatch.setenv("ENGINE_MODEL_SHA256", pinned.upper())
    if sum_of_it == "right":
        loaded(own, **ROOM).close()
    else:
        with pytest.raises(ValueError, match="and must have 0"):
            loaded(own, **ROOM)
    assert "none is compared" not in caplog.text


def test_that_nothing_was_compared_is_said(own, monkeypatch, caplog):
    monkeypatch.delenv("ENGINE_MODEL_SHA256", raising=False)
    loaded(own, **ROOM).close()
    assert f"{own}: nobody has written down its sha256" in caplog.text
