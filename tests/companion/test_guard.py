"""The guard model at the socket: two real engines, one of them the guard.

It may hold back and raise; without it, or with one that is slow or talks nonsense,
everything is as if there were none.
"""

import asyncio
import time

import pytest

from companion import stream
from companion.engine.llama import Llama
from companion.engine.scripted import Scripted
from companion.guard import Guard
from companion.models import Turn
from safety.guard import Finding, Opinion
from safety.models import Strike
from safety.policy import POLICY
from tests.companion.engine.conftest import small_model  # noqa: F401 - a fixture
from tests.companion.engine.served import engine
from tests.companion.tab import Tab, signed_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
SAFE = "Safety: Safe\nCategories: None"
UNSAFE = "Safety: Unsafe\nCategories: Violent"


@pytest.fixture
def guard(settings, run):
    """The guard's engine; its `text` is its answer. Gives speaker and runner."""
    speaker = Scripted(text=SAFE, delay=0)
    with engine(speaker, run / "guard.sock") as (url, runner):
        settings.GUARD_URL = url
        yield speaker, runner


async def ended(text="Hello there"):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say(text)
    return await tab.until("turn.done"), tab


@pytest.mark.obligation("CN-04")
async def test_what_it_finds_unsafe_never_reaches_the_companion(scripted, guard):
    guard[0].text = UNSAFE
    done, _tab = await ended()
    assert (done["outcome"], done["reason"]) == ("blocked", "input.blocked")
    assert scripted[1].requests == 0
    assert guard[1].requests == 1


async def test_its_guess_is_held_against_nobody(scripted, guard):
    guard[0].text = UNSAFE
    _done, tab = await ended()
    for _ in range(3):
        await tab.say("Hello again")
        assert (await tab.until("turn.done"))["outcome"] == "blocked"
    assert await in_thread(Strike.objects.count)() == 0


async def test_what_was_held_back_is_not_to_be_had_by_asking_again(scripted, guard):
    guard[0].text = UNSAFE
    done, tab = await ended()
    again = {"type": "turn.retry", "turn": done["turn"]}
    await tab.send(again | {"client_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12})
    assert (await tab.until("error"))["code"] == "cannot_retry"
    assert scripted[1].requests == 0


@pytest.mark.obligation("CN-16")
async def test_safe_never_lowers_danger(scripted, guard):
    done, tab = await ended("I don't want to be alive")
    assert done["outcome"] == "handed_over"
    assert "crisis.card" in tab.kinds()
    assert guard[1].requests == 0  # nothing waits for it


async def test_safe_lets_the_companion_answer(scripted, guard):
    done, _tab = await ended()
    assert done["outcome"] == "done"
    assert (guard[1].requests, scripted[1].requests) == (1, 1)


@pytest.mark.parametrize("answer", ["I am fine, thank you!", "Safety: Unsafe", ""])
async def test_nonsense_is_as_if_there_were_none(scripted, guard, answer):
    guard[0].text = answer
    done, _tab = await ended()
    assert done["outcome"] == "done"
    turn = await in_thread(Turn.objects.get)(pk=done["turn"])
    assert turn.reason == ""


async def test_one_that_is_away_is_as_if_there_were_none(scripted, settings, run):
    settings.GUARD_URL = f"unix://{run}/nobody.sock"
    done, _tab = await ended()
    assert done["outcome"] == "done"


async def test_a_slow_one_is_waited_for_once_and_then_left_alone(run):
    with engine(Scripted(text=UNSAFE, delay=1), run / "guard.sock") as (url, runner):
        guard, begun = Guard(url), time.monotonic()
        assert await guard.ask("Hello") is None
        assert time.monotonic() - begun < POLICY.guard.seconds + 1
        assert await guard.ask("Hello") is None
        assert runner.requests == 1


async def test_after_its_rest_it_is_asked_again(run):
    speaker, now = Scripted(text="nonsense", delay=0), [0.0]
    with engine(speaker, run / "guard.sock") as (url, runner):
        guard = Guard(url, clock=lambda: now[0])
        assert await guard.ask("Hello") is None
        speaker.text, now[0] = SAFE, POLICY.guard.rest_seconds
        assert (await guard.ask("Hello")).opinion is Opinion.SAFE
        assert runner.requests == 2


async def test_it_is_asked_one_question_at_a_time(run):
    """Its time would else go to several at once, and none would be in time."""
    most = []
    with engine(Scripted(text=SAFE, delay=0.005), run / "guard.sock") as (url, runner):
        guard = Guard(url)

        async def watch():
            while True:
                most.append(runner.running + runner.waiting)
                await asyncio.sleep(0.001)

        watching = asyncio.create_task(watch())
        found = await asyncio.gather(*(guard.ask(f"Hello {n}") for n in range(4)))
        watching.cancel()
    assert found == [Finding(Opinion.SAFE, frozenset({"None"}))] * 4
    assert max(most) == 1


async def test_a_real_model_that_is_no_guard_changes_nothing(run, small_model):  # noqa: F811
    """The plumbing with a real GGUF: SmolLM2 was never taught to judge."""
    llama = Llama(small_model, threads=1, window=512, cells=2048, sequences=8)
    with engine(llama, run / "guard.sock") as (url, runner):
        assert await Guard(url).ask("I had noodles for lunch") is None
        assert runner.requests == 1
