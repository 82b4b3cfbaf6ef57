"""The closer look at the socket: the engine is asked beside the chat, and says nothing.

It may raise what heads doubt and settles what is withheld. Danger is never shown to it,
and without it everything is as the heads say.
"""

import time
from dataclasses import replace

import pytest

from companion import look, stream
from companion.engine.scripted import Scripted
from companion.look import Look
from safety import gate
from safety.look import model
from safety.models.incident import Basis, Signal
from safety.policy import POLICY
from safety.verdict import Said, Speaker
from tests.companion.engine.served import engine
from tests.companion.tab import Tab, signed_in
from tests.safety.cast import ADA
from tests.safety.look.leaning import leaning

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
DOUBTFUL = "I wonder who would even come looking"
HOOK = "It gets so empty here when you go."
PLAIN = "What a lovely evening for a walk."


@pytest.fixture
def looking(settings, run):
    """An engine with the model that the look can read; its `scored` is what it makes of
    a text. Gives speaker and runner."""
    settings.CLOSER_LOOK = "on"
    speaker = Scripted(name=model(), text="It is a lovely evening.", delay=0)
    with engine(speaker, run / "looking.sock") as (url, runner):
        settings.ENGINE_URL = url
        yield speaker, runner


@pytest.fixture(autouse=True)
def _well():
    yield
    look._failures.clear()


async def ended(text):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say(text)
    return await tab.until("turn.done"), tab


@pytest.mark.obligation("CN-15", "CN-16")
async def test_what_heads_doubt_and_the_look_confirms_is_danger(looking):
    looking[0].scored = leaning("self_harm", 60)
    done, tab = await ended(DOUBTFUL)
    assert done["outcome"] == "handed_over"
    assert "crisis.card" in tab.kinds()
    assert looking[1].requests == 1  # the look; no word of a reply was asked for


@pytest.mark.obligation("CN-15")
async def test_a_guess_of_the_model_calls_no_family(looking):
    looking[0].scored = leaning("self_harm", 60)
    await ended(DOUBTFUL)
    signal = await in_thread(Signal.objects.get)()
    assert (signal.tier, signal.basis) == (2, Basis.GUESS)
    assert "look:self_harm" in signal.rules


async def test_what_the_look_does_not_confirm_is_answered(looking):
    looking[0].scored = leaning("self_harm", -60)
    done, _tab = await ended(DOUBTFUL)
    assert done["outcome"] == "done"
    assert looking[1].requests >= 2  # the look and the reply


async def test_what_nobody_doubts_is_not_looked_at(looking):
    done, _tab = await ended(PLAIN)
    assert done["outcome"] == "done"
    assert looking[1].requests == 1


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize(
    "text", ["I don't want to be alive", "我不想活了，药就在我面前", "bye"]
)
async def test_danger_and_goodbyes_are_never_shown_to_the_model(looking, text):
    await ended(text)
    assert looking[1].requests == 0


async def test_a_sentence_that_the_look_finds_never_reaches_the_page(looking):
    looking[0].text = HOOK
    looking[0].scored = leaning("bot_guilt", 60)
    done, tab = await ended(PLAIN)
    assert (done["outcome"], done["reason"]) == ("blocked", "output_blocked")
    assert "turn.delta" not in tab.kinds()


async def test_a_sentence_that_the_look_clears_is_shown(looking):
    looking[0].text = HOOK
    looking[0].scored = leaning("bot_guilt", -60)
    done, _tab = await ended(PLAIN)
    assert done["outcome"] == "done"


async def test_another_model_has_no_say(scripted, settings):
    settings.CLOSER_LOOK = "on"
    scripted[0].scored = leaning("self_harm", 60)
    done, _tab = await ended(DOUBTFUL)
    assert done["outcome"] == "done"
    assert look.trouble() == ("no closer look: refused",)


@pytest.mark.parametrize("values", [(), (1.0,), (float("inf"),) * 512])
async def test_a_server_without_proper_scores_has_no_say(looking, monkeypatch, values):
    monkeypatch.setattr(Scripted, "scores", lambda self, row, tokens: values)
    done, _tab = await ended(DOUBTFUL)
    assert done["outcome"] == "done"
    assert look.trouble() == ("no closer look: broken",)


async def test_off_is_off(looking, settings):
    settings.CLOSER_LOOK = "off"
    looking[0].scored = leaning("self_harm", 60)
    done, _tab = await ended(DOUBTFUL)
    assert done["outcome"] == "done"
    assert looking[1].requests == 1


async def test_by_itself_only_where_its_model_speaks(scripted, settings):
    settings.CLOSER_LOOK, settings.ENGINE_MODEL = "auto", "smollm2-135m"
    assert not look.is_wanted()
    settings.ENGINE_MODEL = model()
    assert look.is_wanted()


class Late:
    """An engine that never comes to an end."""

    def __init__(self):
        self.asked = 0

    async def stream(self, request):
        self.asked += 1
        await stream.asyncio.sleep(60)
        yield


async def test_a_late_one_is_waited_for_once_and_then_left_alone():
    said, engines, now = Said(DOUBTFUL, Speaker.USER, ADA), Late(), [0.0]
    verdict = gate.check_input(DOUBTFUL, ADA)
    closer, begun = Look(engines, clock=lambda: now[0]), time.monotonic()
    assert await closer.again(said, verdict) is verdict
    assert time.monotonic() - begun < POLICY.look.seconds + 1
    assert await closer.again(said, verdict) is verdict
    assert engines.asked == 1
    now[0] = POLICY.look.rest_seconds
    await closer.again(said, verdict)
    assert engines.asked == 2


async def test_a_look_that_breaks_keeps_nobody_waiting(looking, monkeypatch):
    def broken(said, verdict):
        raise RuntimeError(said.text)

    monkeypatch.setattr(look.look, "in_doubt", broken)
    done, _tab = await ended(DOUBTFUL)
    assert done["outcome"] == "done"
    assert look.trouble() == ("no closer look: RuntimeError",)


async def test_where_a_layer_failed_nothing_is_looked_at():
    said, engines = Said(DOUBTFUL, Speaker.USER, ADA), Late()
    verdict = replace(gate.check_input(DOUBTFUL, ADA), failed=("heads",))
    assert await Look(engines).again(said, verdict) is verdict
    assert engines.asked == 0


async def test_no_word_of_the_piece_is_logged(looking, caplog, monkeypatch):
    monkeypatch.setattr(Scripted, "scores", lambda self, row, tokens: ())
    await ended(DOUBTFUL)
    assert "come looking" not in caplog.text
    assert "closer look: broken" in caplog.text
