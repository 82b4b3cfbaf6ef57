import os
from pathlib import Path

import pytest

from companion.engine import catalogue, fetch, places
from tests.companion.engine.served import Desk

SMALL_MODEL = "smollm2-135m-instruct-q4_1.gguf"


@pytest.fixture(scope="session")
def small_model():
    """The 98 MB test model; `make test` puts it into the cache."""
    named = os.environ.get("ENGINE_TEST_MODEL")
    found = Path(named) if named else places.models() / SMALL_MODEL
    assert found.exists(), f"{found} is missing: manage.py model pull {found.stem}"
    return found


@pytest.fixture(scope="session")
def llama(small_model):
    """The real model, loaded once, as the engine does: in one thread, and prompts are
    read with OpenBLAS where that is."""
    from companion.engine.llama import Llama  # noqa: PLC0415 - a native library

    room = {"threads": 1, "window": 512, "cells": 2048, "sequences": 8}
    loaded = Llama(small_model, **room, with_openblas=True)
    yield loaded
    loaded.close()


@pytest.fixture
def desk(llama):
    """A scheduler of the test's own on the real model, with nothing kept."""
    llama.clear()
    return Desk(llama)


@pytest.fixture
def own_folders(tmp_path, monkeypatch):
    """A cache and a state of the test's own; nothing is written to this machine's."""
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COMPANION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ENGINE_MODEL_PATH", raising=False)


@pytest.fixture
def pull(monkeypatch):
    """`pull(entry)` pulls it as if it were in the catalogue; returns what was said."""

    def pulled(known):
        monkeypatch.setattr(catalogue, "entries", lambda: (known,))
        said = []
        assert fetch.pull("tiny", said.append) == known.path
        return said

    return pulled
