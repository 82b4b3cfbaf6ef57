"""A real engine process's server, with a scripted model, behind a real socket."""

import pytest

from companion import live
from companion.engine import catalogue
from companion.engine.scripted import Scripted
from tests.companion.engine.served import engine as serving
from tests.companion.operated import engine_at


@pytest.fixture
def scripted(settings, tmp_path):
    """The engine; its `text` is what it says. Gives speaker and runner."""
    speaker = Scripted()
    with serving(speaker, tmp_path / "engine.sock") as (url, runner):
        settings.ENGINE_URL = url
        yield speaker, runner


@pytest.fixture
async def settled():
    """Every turn of the test has ended before its tables are emptied."""
    yield
    await live.settled()


@pytest.fixture
def run(tmp_path_factory):
    """A folder for sockets: `tmp_path` is where static files are looked for."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def engine(settings, run, models):
    """The address of a running engine, as pages show it."""
    with engine_at(run / "engine.sock") as url:
        settings.ENGINE_URL = url
        yield str(run / "engine.sock")


@pytest.fixture
def models(monkeypatch, tmp_path):
    """A folder with the files of three models of the catalogue."""
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path))
    monkeypatch.delenv("ENGINE_MODEL_PATH", raising=False)
    (tmp_path / "models").mkdir()
    for known in catalogue.entries()[:3]:
        known.path.touch()
