"""A real engine process's server, with a scripted model, behind a real socket."""

import pytest

from companion import live
from companion.engine.scripted import Scripted
from tests.companion.engine.served import engine


@pytest.fixture
def scripted(settings, tmp_path):
    """The engine; its `text` is what it says. Gives speaker and runner."""
    speaker = Scripted()
    with engine(speaker, tmp_path / "engine.sock") as (url, runner):
        settings.ENGINE_URL = url
        yield speaker, runner


@pytest.fixture
async def settled():
    """Every turn of the test has ended before its tables are emptied."""
    yield
    await live.settled()
