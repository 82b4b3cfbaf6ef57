"""The door of the engine under races: whoever comes in, before, at or after the moment
in which a model is asked, nothing of that model is stored or goes on being shown.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts import operators
from accounts.roles import Role
from companion import live, services, stream, takeover
from companion.dialogue import State
from companion.models import Author, Conversation, Takeover, Turn, TurnState
from companion.protocol.commands import Send
from companion.refusal import Refused
from companion.services import cases
from companion.stream import Channel
from companion.turn import run_turn
from tests.companion.roles import give_rights
from tests.companion.said import accepted
from tests.companion.tab import Tab, signed_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
DANGER = "I want to kill myself tonight"


def operator(name):
    give_rights()
    return operators.make_operator(
        email=f"{name}@example.org",
        name=name.title(),
        role=Role.CRISIS_RESPONDER,
        language="en",
    )


def say(user, chat, text):
    return accepted(user, chat, text, now=timezone.now())


def safe_again(user, chat):
    """Ada said that she is safe: the companion answers, the case is Otto's."""
    say(user, chat, DANGER)
    services.put_card_away(user_id=user.id, conversation_id=chat.id, reason="safe")
    otto = operator("otto")
    cases.claim(operator=otto, now=timezone.now())
    return otto


def come_in(otto):
    now = timezone.now()
    wanted = Takeover.objects.get().id
    takeover.tell([cases.join(operator=otto, takeover_id=wanted, now=now)], now)


def spoken(chat):
    return list(chat.messages.filter(author=Author.MODEL))


@pytest.mark.obligation("CN-17")
async def test_a_person_between_the_message_and_the_engine(scripted):
    _speaker, runner = scripted
    user, chat, _browser = await in_thread(signed_in)("ada")
    otto = await in_thread(safe_again)(user, chat)
    channel = Channel(conversation=chat.id, owner=user.id)
    send = Send(client_id=uuid4(), text="Tell me a story")
    events = run_turn(user, channel, send, asyncio.Event())
    accepted = await anext(events)
    await in_thread(come_in)(otto)
    rest = [event async for event in events]
    assert runner.requests == 0
    assert [(e.turn, e.outcome, e.message) for e in rest] == [
        (accepted.turn, "handed_over", None)
    ]


@pytest.mark.obligation("CN-17")
async def test_a_person_while_a_reply_streams(scripted):
    scripted[0].text, scripted[0].delay = "One more word. " * 400, 0.02
    user, chat, browser = await in_thread(signed_in)("ada")
    otto = await in_thread(safe_again)(user, chat)
    tab = await Tab(chat, browser).open()
    await tab.say("Tell me a long story")
    await tab.until("turn.delta")
    await in_thread(come_in)(otto)
    done = await tab.until("turn.done")
    assert (done["outcome"], done["message"]) == ("handed_over", None)
    await tab.until("takeover.joined")
    await live.settled()
    assert await in_thread(spoken)(chat) == []
    before = scripted[1].requests
    await tab.say("Hello?")
    done = await tab.until("turn.done")
    assert (done["outcome"], done["message"]) == ("handed_over", None)
    assert scripted[1].requests == before


async def test_without_redis_the_row_alone_stops_the_reply(settings):
    user, chat, _browser = await in_thread(signed_in)("ada")
    turn = (await in_thread(say)(user, chat, "Hello")).turn
    stop = asyncio.Event()
    await live._renewed(turn.id, stop, 0.0)
    assert not stop.is_set()
    await in_thread(_end)(turn)
    await live._renewed(turn.id, stop, 0.0)
    assert stop.is_set()


def _end(turn):
    Turn.objects.filter(pk=turn.pk).update(state=TurnState.HANDED_OVER)


def together(*acts):
    """Each in a thread and a connection of its own, at the same time."""

    def closed(act):
        try:
            return act()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result() for done in [threads.submit(closed, a) for a in acts]]


@pytest.mark.obligation("CN-17")
def test_at_the_very_moment_one_of_the_two_comes_first():
    user, chat, _browser = signed_in("ada")
    otto = safe_again(user, chat)
    takeover_id = Takeover.objects.get().id
    for _ in range(12):
        Conversation.objects.filter(pk=chat.id).update(state=State.AI)
        turn = say(user, chat, "Hello").turn
        now = timezone.now()
        together(
            lambda turn=turn, now=now: services.enter_engine(turn=turn, now=now),
            lambda now=now: cases.join(operator=otto, takeover_id=takeover_id, now=now),
        )
        turn.refresh_from_db()
        assert turn.state == TurnState.HANDED_OVER
        assert not services.renew_lease(turn_id=turn.id, now=now)


@pytest.mark.obligation("CN-17")
def test_two_operators_never_hold_one_case():
    user, chat, _browser = signed_in("ada")
    otto, olga = operator("otto"), operator("olga")
    for _ in range(6):
        say(user, chat, DANGER)
        now = timezone.now()
        one, other = together(
            lambda now=now: cases.claim(operator=otto, now=now),
            lambda now=now: cases.claim(operator=olga, now=now),
        )
        assert "case_taken" in (one, other)
        won = one if other == "case_taken" else other
        cases.close(
            operator=otto if won is one else olga,
            incident_id=won.incident.id,
            reason=cases.Reason.SAFE,
            note="",
            now=now,
        )


def test_writing_and_claiming_at_the_same_time_wait_for_no_deadlock():
    user, chat, _browser = signed_in("ada")
    otto = operator("otto")
    say(user, chat, DANGER)
    for _ in range(8):
        now = timezone.now()
        accepted, claimed = together(
            lambda: say(user, chat, DANGER),
            lambda now=now: cases.claim(operator=otto, now=now),
        )
        assert accepted.turn.state == TurnState.HANDED_OVER
        chat.refresh_from_db()
        assert chat.state == State.HUMAN
        cases.close(
            operator=otto,
            incident_id=claimed.incident.id,
            reason=cases.Reason.SAFE,
            note="",
            now=now,
        )
        say(user, chat, DANGER)
