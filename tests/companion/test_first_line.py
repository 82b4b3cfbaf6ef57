"""The first line at the socket: the engine is asked what a message is about, and says
nothing; the persona gets a line that is right for it.

Only for the first message of a chat, only of the model whose scores can be read, never
for danger, never while a person of the team is there.
"""

import asyncio
import time
from uuid import uuid4

import pytest

from companion import first_line, stream
from companion.engine.scripted import Scripted
from companion.protocol.commands import Send
from companion.stream import Channel
from companion.turn import run_turn
from companion.voice_bank.bank import file_of, wordings
from companion.voice_bank.kinds import coefficients, question
from companion.voice_bank.lines import lines
from tests.companion.engine.served import engine
from tests.companion.tab import Tab, signed_in
from tests.companion.test_door import come_in, safe_again
from tests.companion.voice_bank.leaning import leaning

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
NEAR = next(
    one for one in wordings(file_of("mei", "en")) if one.says == "i miss my grandma"
)
SAID = "zibble zabble, the forty-third time"  # nothing in the bank is near


class Noting(Scripted):
    """Keeps what it was asked."""

    def __post_init__(self):
        super().__post_init__()
        self.asked = []

    def prepare(self, request):
        self.asked.append(request)
        return super().prepare(request)


@pytest.fixture
def known(settings, run):
    """An engine with the model whose scores can be read."""
    settings.VOICE_BANK, settings.CLOSER_LOOK = "on", "off"
    settings.ENGINE_MODEL = coefficients().model
    speaker = Noting(name=coefficients().model, text="I see.", delay=0)
    with engine(speaker, run / "known.sock") as (url, _runner):
        settings.ENGINE_URL = url
        yield speaker


@pytest.fixture(autouse=True)
def _well():
    yield
    first_line._failures.clear()


async def ended(*said):
    """The end of the last turn of a chat in which Ada says all of it."""
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    for text in said:
        await tab.say(text)
        done = await tab.until("turn.done")
    return done


def replies(speaker):
    """What was asked for a reply, not for scores."""
    return [request for request in speaker.asked if not request.scores_of]


async def test_a_message_of_a_sure_kind_gets_a_line_that_is_right_for_it(known):
    known.scored = leaning("grief")
    assert (await ended(SAID))["outcome"] == "done"
    [asked, reply] = known.asked
    assert asked.messages[-1].content == SAID
    assert asked.messages[0].content == question().role
    assert asked.max_tokens == 1
    said, line = reply.messages[-1].content.split("\n\n(Say: “")
    assert said == SAID
    assert line.removesuffix("”)") in lines("mei", "en")["grief"]


async def test_where_no_kind_is_sure_the_model_speaks_for_itself(known):
    await ended(SAID)
    assert len(known.asked) == 2
    assert replies(known)[0].messages[-1].content == SAID


async def test_what_is_near_and_of_the_same_kind_gets_the_reply_of_the_bank(known):
    known.scored = leaning(NEAR.kind)
    await ended(NEAR.says)
    assert replies(known)[0].messages[-1].content == (
        f"{NEAR.says}\n\n(Say: “{NEAR.reply}”)"
    )


async def test_what_is_near_and_of_another_kind_does_not(known):
    known.scored = leaning("bored")
    await ended(NEAR.says)
    asked = replies(known)[0].messages[-1].content
    line = asked.removeprefix(f"{NEAR.says}\n\n(Say: “").removesuffix("”)")
    assert line in lines("mei", "en")["bored"]


async def test_later_messages_get_none(known):
    known.scored = leaning("grief")
    await ended(SAID, "And then the forty-fourth.")
    assert len(known.asked) == 3
    assert replies(known)[1].messages[-1].content == "And then the forty-fourth."


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize("text", ["I don't want to be alive", "bye"])
async def test_danger_and_goodbyes_are_never_shown(known, text):
    known.scored = leaning("grief")
    await ended(text)
    assert known.asked == []


@pytest.mark.obligation("CN-15")
async def test_distress_gets_its_instruction_and_no_question(known):
    known.scored = leaning("grief")
    await ended("I cried all night and I can't stop")
    assert [request for request in known.asked if request.scores_of] == []


@pytest.mark.obligation("CN-17")
async def test_a_person_before_the_question(known):
    known.scored = leaning("grief")
    user, chat, _browser = await in_thread(signed_in)("ada")
    otto = await in_thread(safe_again)(user, chat)
    channel = Channel(conversation=chat.id, owner=user.id)
    send = Send(client_id=uuid4(), text=SAID)
    events = run_turn(user, channel, send, asyncio.Event())
    await anext(events)
    await in_thread(come_in)(otto)
    assert [event.outcome async for event in events] == ["handed_over"]
    assert known.asked == []


async def test_who_stops_does_not_wait_for_it(known):
    known.delay = 1.0
    user, chat, _browser = await in_thread(signed_in)("ada")
    channel = Channel(conversation=chat.id, owner=user.id)
    stop = asyncio.Event()
    send = Send(client_id=uuid4(), text=SAID)
    events = run_turn(user, channel, send, stop)
    await anext(events)
    stop.set()
    begun = time.monotonic()
    assert [event.outcome async for event in events] == ["stopped"]
    assert time.monotonic() - begun < 0.9


async def test_another_model_is_not_asked(scripted, settings):
    settings.VOICE_BANK, settings.ENGINE_MODEL = "on", "some-model-elsewhere"
    assert (await ended(SAID))["outcome"] == "done"
    assert scripted[1].requests == 1


async def test_a_server_without_scores_costs_the_line_and_is_told(known, monkeypatch):
    monkeypatch.setattr(Scripted, "scores", lambda self, row, tokens: ())
    assert (await ended(SAID))["outcome"] == "done"
    assert replies(known)[0].messages[-1].content == SAID
    assert first_line.trouble() == ("no first line: broken",)


async def test_without_an_answer_what_is_near_is_said(known, monkeypatch):
    monkeypatch.setattr(Scripted, "scores", lambda self, row, tokens: ())
    await ended(NEAR.says)
    assert NEAR.reply in replies(known)[0].messages[-1].content


async def test_off_is_off(known, settings):
    settings.VOICE_BANK = "off"
    await ended(SAID)
    assert len(known.asked) == 1
    assert first_line.beginnings() == ()


async def test_the_question_is_read_before_anybody_waits(known):
    [begun] = first_line.beginnings()
    known.scored = leaning("grief")
    await ended(SAID)
    asked = known.asked[0]
    assert begun.messages[: begun.shared] == asked.messages[: asked.shared]
