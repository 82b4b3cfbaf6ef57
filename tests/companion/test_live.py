"""What happens when something breaks under a turn: it ends, once, and says so."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import redis.asyncio
from django.utils import timezone

from companion import stream
from companion.models import Message, Turn, TurnState
from companion.services import LEASE
from tests.companion.tab import Tab, signed_in
from vault.models import AuditEntry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread


@pytest.fixture
def no_redis(settings, tmp_path, monkeypatch):
    """Streams point at a server that is not there; nothing else does."""
    url = f"unix://{tmp_path}/nobody.sock"
    monkeypatch.setattr(stream, "_client", lambda: redis.asyncio.from_url(url))


@pytest.mark.obligation("CN-16", "US-CA-2")
async def test_the_crisis_card_needs_no_redis(no_redis):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("I want to kill myself")
    card = await tab.until("crisis.card")
    assert card["resources"][0]["href"] == "tel:116123"
    assert (await tab.until("turn.done"))["outcome"] == "handed_over"


async def test_the_tab_that_asked_hears_the_reply_without_redis(no_redis, scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    assert (done["outcome"], done["message"]["text"]) == ("done", scripted[0].text)


async def test_a_turn_that_breaks_ends_at_once_as_failed(scripted, caplog):
    """The question's seal is broken between its commit and the prompt. The log names
    the place and no exception, which could hold what somebody wrote."""
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    await tab.until("turn.done")
    await in_thread(Message.objects.filter(author="user").update)(body=b"broken")
    turn = await in_thread(Turn.objects.get)()
    retry = {"type": "turn.retry", "client_id": str(uuid4()), "turn": str(turn.id)}
    await tab.send(retry)
    assert (await tab.until("error"))["code"] == "unavailable"
    (logged,) = [one for one in caplog.records if one.name == "companion.consumers"
                 and one.levelname == "ERROR"]  # fmt: skip
    assert "in accept_retry" in logged.getMessage()
    assert logged.exc_info is None
    await tab.say("Hello again")
    done = await tab.until("turn.done")
    assert done["outcome"] == "done"  # what cannot be read is left out of the prompt


async def test_an_event_that_cannot_be_read_is_left_out(scripted):
    user, chat, browser = await in_thread(signed_in)("ada")
    await stream._client().xadd(f"events:{chat.id}", {"e": b"not sealed"})
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    assert (await tab.until("turn.done"))["outcome"] == "done"
    assert user.id


async def test_a_lost_turn_makes_nobody_wait(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    await tab.until("turn.done")
    lost = timezone.now() - LEASE - timedelta(seconds=1)
    await in_thread(Turn.objects.update)(state=TurnState.RUNNING, lease_until=lost)
    await tab.say("Still there?")
    assert (await tab.until("turn.done"))["outcome"] == "done"
    acts = await in_thread(list)(AuditEntry.objects.filter(act="turn.failed"))
    assert [entry.facts["reason"] for entry in acts] == ["process_lost"]


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize(
    "cry",
    [
        "I want to kill myself \U0001fa77",
        "I want to kill myself\x07",
        "I want to kill myself " + "please " * 600,
    ],
    ids=["emoji", "control", "long"],
)
async def test_a_cry_for_help_is_never_refused_for_its_form(cry):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say(cry)
    assert (await tab.until("crisis.card"))["title"]
    kept = next(f for f in tab.heard if f["type"] == "message")
    assert kept["text"].startswith("I want to kill myself")
    assert len(json.dumps(kept["text"])) < 4_100


@pytest.mark.parametrize("said", ["I am a real person.", "Fine."])
async def test_every_end_says_which_prompt_made_it(scripted, said):
    scripted[0].text = said
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    turn = await in_thread(Turn.objects.get)(pk=done["turn"])
    assert turn.prompt_version.startswith("mei-")
