"""At the socket, with a real engine's server: the model never sees danger, and nothing
that was not checked reaches a browser. No part of our own is replaced.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import pytest

from companion import rates, services, stream
from companion.engine.scripted import Scripted
from companion.models import Message
from safety import banks, gate, layers
from safety.verdict import Action, Tier
from tests.companion import broken_layers
from tests.companion.engine.served import engine as serving
from tests.companion.tab import Tab, signed_in
from tests.safety.cast import ADA

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
MOST = 16  # sentences of each kind: spread over the banks, not their first pages
RULES = "safety.rules.read"


@dataclass
class Listening(Scripted):
    """Remembers every prompt, as a model on somebody's machine could."""

    prompts: list[str] = field(default_factory=list)

    def prepare(self, request):
        self.prompts.append("\n".join(m.content for m in request.messages))
        return super().prepare(request)


@pytest.fixture
def listening(settings, run):
    speaker = Listening(delay=0, text="Good. Tell me more about your day.")
    with serving(speaker, run / "engine.sock") as (url, _runner):
        settings.ENGINE_URL = url
        yield speaker


@pytest.fixture
def with_layers(settings):
    """`with_layers(name=path, …)` replaces the table for this test."""

    def replace(**paths):
        settings.SAFETY_LAYERS = paths
        layers.table.cache_clear()

    yield replace
    layers.table.cache_clear()


def spread(texts, counts):
    """The first that count, in an order that follows neither bank nor language."""
    mixed = sorted(set(texts), key=lambda text: sha256(text.encode()).digest())
    return list(islice(filter(counts, mixed), MOST))


def dangers():
    """Sentences of the banks that the gate calls danger now, of both languages."""
    texts = [one.text for one in banks.exemplars() if one.bank == "self_harm"]
    return spread(texts, lambda t: gate.check_input(t, ADA).tier >= Tier.T2)


def banned():
    """What models of the banks say that the gate holds back now."""
    texts = [one.text for one in banks.exemplars() if one.speaker == "model"]
    return spread(texts, lambda t: gate.check_output(t, ADA).action is Action.BLOCK)


async def opened(name="ada"):
    user, chat, browser = await in_thread(signed_in)(name)
    return user, chat, await Tab(chat, browser).open()


async def ask(user, tab, text):
    await in_thread(rates.begin_anew)(user.id)
    await tab.say(text)
    return await tab.until("turn.done")


def put_away(user, chat):
    services.put_card_away(user_id=user.id, conversation_id=chat.id, reason="safe")


@pytest.mark.obligation("CN-04", "CN-16", "US-CA-2", "US-NY-1")
async def test_no_model_ever_sees_a_message_of_danger_not_even_as_history(listening):
    user, chat, tab = await opened()
    said = await in_thread(dangers)()
    assert len(said) >= 12
    for text in said:
        done = await ask(user, tab, text)
        assert done["outcome"] == "handed_over", text
        await in_thread(put_away)(user, chat)
        assert (await ask(user, tab, "I am safe. What is new?"))["outcome"] == "done"
    assert len(listening.prompts) == len(said)
    seen = "\n".join(listening.prompts)
    assert [text for text in said if text in seen] == []


@pytest.mark.obligation("CN-04", "CN-07", "CN-29", "US-WA")
async def test_nothing_that_a_model_may_not_say_reaches_a_browser(listening):
    user, chat, tab = await opened()
    bad = await in_thread(banned)()
    assert len(bad) >= 12
    for sentence in bad:
        listening.text = f"I see. {sentence} Take good care of yourself."
        assert (await ask(user, tab, "Hello"))["outcome"] == "blocked", sentence
    frames = json.dumps(tab.heard, ensure_ascii=False)
    assert [sentence for sentence in bad if sentence in frames] == []
    late = await Tab(chat, await in_thread(again)(user)).open()
    replayed = json.dumps(late.heard, ensure_ascii=False)
    assert [sentence for sentence in bad if sentence in replayed] == []
    kept = await in_thread(everything_kept)(chat)
    assert [sentence for sentence in bad if sentence in kept] == []


def again(user):
    from django.test import Client  # noqa: PLC0415 - only here

    browser = Client()
    browser.force_login(user)
    return browser


def everything_kept(chat):
    rows = Message.objects.filter(conversation=chat).select_related("conversation")
    return "\n".join(row.text() for row in rows)


@pytest.mark.obligation("CN-04")
async def test_every_piece_that_is_shown_was_read_by_the_gate_before(
    listening, with_layers
):
    broken_layers.heard_from_model.clear()
    with_layers(rules=RULES, ears="tests.companion.broken_layers.listens")
    listening.text = (
        "It rained all day. 今天过得怎么样？慢慢说，我在听。 No stop in this one "
        + "and on " * 60
        + "\n\nThe end"
    )
    user, _chat, tab = await opened()
    done = await ask(user, tab, "Hello")
    assert done["outcome"] == "done"
    deltas = [f["text"] for f in tab.heard if f["type"] == "turn.delta"]
    assert len(deltas) >= 5
    assert [text for text in deltas if text not in broken_layers.heard_from_model] == []
    assert "".join(deltas).strip() == listening.text.strip()


BROKEN = {
    "raises": "tests.companion.broken_layers.raises",
    "hangs": "tests.companion.broken_layers.hangs",
    "nonsense": "tests.companion.broken_layers.talks_nonsense",
    "missing": "tests.companion.no_such_file.read",
}


@pytest.mark.obligation("CN-04", "CN-16")
@pytest.mark.parametrize("way", BROKEN)
async def test_without_the_rules_no_model_is_asked_and_help_is_shown(
    listening, with_layers, way
):
    with_layers(rules=BROKEN[way])
    user, _chat, tab = await opened()
    assert (await ask(user, tab, "Hello"))["outcome"] == "handed_over"
    assert "crisis.card" in tab.kinds()
    assert listening.prompts == []


@pytest.mark.obligation("CN-04")
@pytest.mark.parametrize("way", BROKEN)
async def test_with_another_layer_broken_nothing_of_a_model_is_shown(
    listening, with_layers, way
):
    with_layers(rules=RULES, other=BROKEN[way])
    listening.text = "The green boat sails."
    user, _chat, tab = await opened()
    assert (await ask(user, tab, "Hello"))["outcome"] == "blocked"
    assert "green boat" not in json.dumps(tab.heard)
