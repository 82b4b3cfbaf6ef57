"""A model read with OpenBLAS and without it, and what an engine does that lacks it."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from companion.engine import openblas
from companion.engine.bindings import library, native
from companion.engine.llama import Llama
from companion.engine.model import Outcome, Rows
from tests.companion.engine.served import Desk
from tests.companion.engine.test_llama import SHORT, asked

ROOM = {"threads": 1, "window": 512, "cells": 512, "sequences": 8}
FEWEST = 32  # rows: fewer never reach OpenBLAS
has_openblas = pytest.mark.skipif(
    importlib.util.find_spec(openblas.PACKAGE) is None,
    reason="the lock file has no OpenBLAS for this machine",
)


@pytest.fixture(scope="module")
def both(small_model):
    """The same model twice; the first keeps its way when the second is loaded."""
    pair = [
        Llama(small_model, **ROOM, with_openblas=wanted) for wanted in (True, False)
    ]
    yield pair
    for model in pair:
        model.close()


def scores(model, rows):
    """Of every token as the next one after `rows` of a prompt."""
    model.clear()
    step = Rows()
    step.add(0, 0, list(range(1000, 1000 + rows)), last=True)
    assert model.step(step, None) is Outcome.DONE
    found = native.llama_get_logits_ith(model._context, rows - 1)
    return found[: model._vocabulary.size]


@has_openblas
def test_it_computes_nearly_the_same(both):
    assert [model.with_openblas for model in both] == [True, False]
    one, other = (scores(model, FEWEST) for model in both)
    assert one != other  # rounded otherwise: it was another that computed
    assert one == pytest.approx(other, abs=1.5)  # llama.cpp rounds to 8 bits on the way
    best = [max(range(len(told)), key=told.__getitem__) for told in (one, other)]
    assert best[0] == best[1]


@has_openblas
def test_few_rows_are_left_to_llama(both):
    one, other = (scores(model, FEWEST - 1) for model in both)
    assert one == other


def test_an_engine_that_lacks_it_answers_without(small_model, monkeypatch, caplog):
    monkeypatch.setattr(openblas, "PACKAGE", "not_installed")
    monkeypatch.setattr(openblas, "_found", [])
    model = Llama(small_model, **ROOM, with_openblas=True)
    assert not model.with_openblas
    assert "no OpenBLAS here" in caplog.text
    assert "sea" in Desk(model).speak(asked("Tell me about the sea.", **SHORT)).text
    model.close()


def test_an_engine_compiled_without_it_does_the_same(monkeypatch, tmp_path, caplog):
    class Elsewhere:
        _name = str(tmp_path / "libllama.so")

    monkeypatch.setattr(openblas, "library", Elsewhere)
    monkeypatch.setattr(openblas, "_found", [])
    assert not openblas.use(wanted=True)
    assert "no OpenBLAS here" in caplog.text


def process(small_model, choice):
    """A process of its own reads a prompt; what it holds then, and its threads."""
    script = (
        "import os; from pathlib import Path; "
        "from companion.engine.loading import loaded; "
        "from companion.engine.model import Rows; "
        f"model = loaded(Path({str(small_model)!r}), threads=1, window=512, "
        f"cells=512, openblas={choice!r}); rows = Rows(); "
        "rows.add(0, 0, list(range(1000, 1064)), last=True); model.step(rows, None); "
        "print('libscipy_openblas' in Path('/proc/self/maps').read_text(), "
        "len(os.listdir('/proc/self/task')))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[3],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@has_openblas
@pytest.mark.parametrize(
    ("choice", "holds"), [("on", "True"), ("auto", "True"), ("off", "False")]
)
def test_one_thread_computes_and_holds_only_what_it_uses(small_model, choice, holds):
    assert process(small_model, choice) == [holds, "1"]


@has_openblas
def test_it_is_never_there_for_a_model_that_does_not_want_it():
    for wanted in (True, False, False, True, True, False):
        assert openblas.use(wanted=wanted) is wanted
        assert bool(library.ggml_backend_reg_by_name(b"BLAS")) is wanted
