"""A real engine process's server, with a scripted model, behind a real socket."""

import pytest

from companion import live, services
from companion.engine import catalogue
from companion.engine.scripted import Scripted
from companion.models import TurnState
from companion.services import MadeBy
from safety.verdict import Action, Tier, Verdict
from tests.companion.engine.served import engine as serving
from tests.companion.operated import engine_at
from tests.companion.said import accepted


@pytest.fixture(autouse=True)
def _nothing_beside(settings):
    """A model is shown what the test says: nothing of the voice banks, and nothing that
    detection wants to know."""
    settings.VOICE_BANK = settings.CLOSER_LOOK = "off"


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


@pytest.fixture
def talk(ada, now):
    """`talk(said, answer)` is one whole exchange; without an answer the turn runs."""
    chat = services.start_conversation(user=ada, persona="mei", now=now)

    def exchange(said, answer=""):
        turn = accepted(ada, chat, said, now=now).turn
        if answer:
            _finish(turn, answer, now)
        return turn

    exchange.chat = chat
    return exchange


def _finish(turn, text, now, state=TurnState.DONE):
    services.finish(
        turn=turn,
        text=text,
        state=state,
        reason="",
        made_by=MadeBy(),
        verdict=Verdict(tier=Tier.T0, action=Action.ALLOW),
        now=now,
    )
