"""The socket as a browser sees it: real database, real streams, a scripted model."""

import asyncio
import json
from uuid import uuid4

import pytest
from django.utils import timezone

from companion import stream, takeover
from companion.models import Message, Turn
from companion.personas import persona
from companion.services.takeover import line_up
from safety.models import Incident
from tests.companion.tab import Tab, signed_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread


async def test_words_stream_in_and_end_in_one_terminal_event(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    client_id = await tab.say("Hello")
    committed = await tab.until("message")
    assert committed["client_id"] == client_id
    done = await tab.until("turn.done")
    assert (done["outcome"], done["message"]["text"]) == ("done", scripted[0].text)
    spoken = "".join(f["text"] for f in tab.heard if f["type"] == "turn.delta")
    assert spoken.strip() == scripted[0].text
    assert tab.kinds().count("turn.done") == 1


async def test_what_the_page_shows_as_sent_is_in_the_database(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("The green boat.")
    frame = await tab.until("message")
    row = await in_thread(Message.objects.select_related("conversation").get)(
        pk=frame["id"]
    )
    assert await in_thread(row.text)() == "The green boat."
    await tab.until("turn.done")


async def test_two_tabs_hear_the_same_and_a_late_one_hears_it_all(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    one, two = await Tab(chat, browser).open(), await Tab(chat, browser).open()
    await one.say("Hello")
    first, second = await one.until("turn.done"), await two.until("turn.done")
    assert first["message"] == second["message"]
    late = await Tab(chat, browser).open()
    assert "turn.done" in late.kinds()


async def test_no_event_stands_in_clear_in_the_stream(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("The green boat.")
    await tab.until("turn.done")
    raw = await stream._client().xrange(f"events:{chat.id}")
    assert raw
    assert b"boat" not in b"".join(fields[b"e"] for _cursor, fields in raw)


@pytest.mark.obligation("CN-04", "CN-16", "US-CA-2", "US-NY-1")
async def test_danger_never_reaches_the_engine(scripted):
    _speaker, runner = scripted
    _user, chat, browser = await in_thread(signed_in)("wen")
    tab = await Tab(chat, browser).open()
    await tab.say("我不想活了，药就在我面前")
    card = await tab.until("crisis.card")
    assert card["resources"][0]["href"] == "tel:12356"
    assert (await tab.until("turn.done"))["outcome"] == "handed_over"
    assert runner.requests == 0


@pytest.mark.obligation("CN-16")
async def test_danger_in_mid_reply_stops_the_reply(scripted):
    scripted[0].text, scripted[0].delay = "word " * 400, 0.02
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Tell me a long story")
    await tab.until("turn.status")
    await tab.say("I want to kill myself")
    await tab.until("crisis.card")
    ends = {(await tab.until("turn.done"))["outcome"] for _ in range(2)}
    assert ends == {"handed_over", "stopped"}


@pytest.mark.obligation("CN-16")
async def test_a_card_that_was_put_away_does_not_come_back(scripted):
    """A duty read the case before the person said that they are safe, and tells it
    after."""
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("I want to kill myself tonight")
    await tab.until("takeover.waiting")
    case = await in_thread(Incident.objects.get)()
    now = timezone.now()
    late = await in_thread(line_up)(incident_id=case.id, now=now)
    assert late[0].conversation.card_id
    await tab.send({"type": "support.leave", "reason": "safe"})
    await tab.until("takeover.left")
    tab.heard.clear()
    await in_thread(takeover.tell)(late, now)
    assert (await tab.until("takeover.left"))["state"] == "ai"
    assert tab.kinds() == ["takeover.left"]


@pytest.mark.obligation("CN-32")
async def test_a_goodbye_is_answered_without_the_engine(scripted):
    _user, chat, browser = await in_thread(signed_in)("wen")
    tab = await Tab(chat, browser).open()
    await tab.say("再见")
    closed = await tab.until("session.closed")
    assert closed["text"] == "再见。这次对话已结束。"
    assert scripted[1].requests == 0


@pytest.mark.obligation("CN-29", "CN-32", "CN-04", "EU-3")
@pytest.mark.parametrize(
    "said",
    [
        "I am a real person. Hello!",
        "Nice. Please don't leave me. Stay.",
        "Kill yourself.",
    ],
)
async def test_what_a_model_may_not_say_never_reaches_a_browser(scripted, said):
    scripted[0].text = said
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    assert done["outcome"] == "blocked"
    shown = json.dumps(tab.heard)
    for banned in ("real person", "leave me", "Kill yourself"):
        assert banned not in shown


async def test_stop_keeps_what_was_said(scripted):
    scripted[0].text, scripted[0].delay = "One more word. " * 300, 0.01
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    delta = await tab.until("turn.delta")
    await tab.send({"type": "turn.stop", "turn": delta["turn"]})
    done = await tab.until("turn.done")
    assert done["outcome"] == "stopped"
    assert done["message"]["text"].startswith("One more word.")
    turn = await in_thread(Turn.objects.get)(pk=done["turn"])
    assert turn.model == "scripted"  # known before the reply had an end
    assert turn.prompt_version
    assert turn.sampling["temperature"] == persona("mei").temperature


async def test_beside_a_dead_engine_another_one_answers(scripted, settings, tmp_path):
    dead = f"unix://{tmp_path}/nobody.sock"
    settings.ENGINE_URL = f"{settings.ENGINE_URL}, {dead}1, {dead}2, {dead}3"
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    assert (done["outcome"], done["message"]["text"]) == ("done", scripted[0].text)


async def test_a_dead_engine_ends_the_turn_as_failed_and_it_can_be_retried(
    settings, tmp_path
):
    settings.ENGINE_URL = f"unix://{tmp_path}/nobody.sock"
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    assert (done["outcome"], done["reason"]) == ("failed", "engine_unreachable")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no json", "frame_unreadable"),
        ('{"type": "message.delete"}', "frame_unreadable"),
        ("x" * 20_000, "frame_too_large"),
        ({"type": "message.send", "client_id": str(uuid4()), "text": " "},
         "message_empty"),
        ({"type": "message.send", "client_id": str(uuid4()), "text": "x" * 4_001},
         "message_too_long"),
        ({"type": "message.send", "client_id": str(uuid4()), "text": "a\x00b"},
         "message_unreadable"),
        ({"type": "turn.stop", "turn": str(uuid4())}, "not_found"),
        ({"type": "turn.retry", "client_id": str(uuid4()), "turn": str(uuid4())},
         "cannot_retry"),
    ],
    ids=lambda case: case if isinstance(case, str) and len(case) < 30 else "",
)  # fmt: skip
async def test_what_cannot_be_done_is_said_in_words_and_the_socket_lives(frame, code):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.send(frame)
    error = await tab.until("error")
    assert error["code"] == code
    assert len(error["text"]) > 10 and error["ref"]
    await tab.send({"type": "ping"})
    await tab.until("pong")


async def test_a_million_characters_are_refused_in_words():
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("x" * 1_000_000)
    assert (await tab.until("error"))["code"] == "frame_too_large"


async def test_another_persons_conversation_does_not_exist():
    _ada, chat, _hers = await in_thread(signed_in)("ada")
    _wen, _chat, his = await in_thread(signed_in)("wen")
    tab = Tab(chat, his)
    await tab.knock()
    closed = await tab.wire.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4404)


async def test_without_a_session_the_socket_says_so_and_closes():
    _ada, chat, _browser = await in_thread(signed_in)("ada")
    tab = Tab(chat, None)
    await tab.knock()
    closed = await tab.wire.receive_output(timeout=5)
    assert closed["code"] == 4401


async def test_a_sign_out_ends_the_socket_with_the_next_frame():
    _ada, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await in_thread(browser.logout)()
    await tab.send({"type": "ping"})
    closed = await tab.wire.receive_output(timeout=5)
    assert closed["code"] == 4401


@pytest.mark.parametrize(
    "origin", [None, (b"origin", b"http://evil.example"), (b"origin", b"null")]
)
async def test_a_foreign_page_gets_no_socket(origin):
    _ada, chat, browser = await in_thread(signed_in)("ada")
    answer = await Tab(chat, browser, origin).knock()
    assert answer["type"] == "websocket.close"


async def test_too_much_at_once_is_slowed_but_danger_never_is(scripted):
    scripted[0].text = "Yes."
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    for _ in range(6):
        await tab.say("Hello")
        await asyncio.sleep(0)
    while (error := await tab.until("error"))["code"] == "turn_busy":
        pass
    assert error["code"] == "rate_limited"
    assert error["retry_after"] > 0
    await tab.say("I want to kill myself")
    await tab.until("crisis.card")


async def test_the_row_of_a_turn_says_what_made_it(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    done = await tab.until("turn.done")
    turn = await in_thread(Turn.objects.get)(pk=done["turn"])
    assert turn.model == "scripted"
    assert turn.prompt_version and turn.policy and turn.completion_tokens > 0
