"""The path of a message with a real engine's server: what the row says afterwards, and
an engine that takes less than it was believed to."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.services import subject_for
from companion import prompts, services, stream
from companion.models import Turn, TurnState
from companion.personas import persona
from companion.prompts import AGAIN_TEMPERATURE
from companion.services import MadeBy
from safety.verdict import Action, Tier, Verdict
from tests.companion.engine.others import other_server
from tests.companion.engine.served import listening
from tests.companion.tab import Tab, signed_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("settled"),
]
in_thread = stream.in_thread
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)
RAIN = "下雨了啊" * 250  # a thousand tokens for the guess and for the scripted engine
HEAD = sum(prompts.tokens(m.content) for m in prompts.head(persona("mei").voice("en")))


def window(exchanges):
    """Tokens of a window that has room for so many exchanges behind Mei's head."""
    return HEAD + prompts.REPLY_TOKENS + int(exchanges * 1_008) + 100


def fill(user, chat, exchanges):
    """Exchanges of a thousand tokens; gives their questions."""
    questions = []
    for _ in range(exchanges):
        now = timezone.now()
        turn = services.accept(
            subject=subject_for(user, now),
            conversation_id=chat.id,
            client_id=uuid4(),
            text=RAIN,
            verdict=ALLOWED,
            cursor="0-0",
            now=now,
        ).turn
        services.finish(
            turn=turn,
            text="Good.",
            state=TurnState.DONE,
            reason="",
            made_by=MadeBy(view_from=1),
            verdict=ALLOWED,
            now=now,
        )
        questions.append(turn.question)
    return questions


async def asked(chat, browser, text="And now?"):
    """What the page hears at the end, and the row of the turn."""
    tab = await Tab(chat, browser).open()
    await tab.say(text)
    done = await tab.until("turn.done")
    return done, await in_thread(Turn.objects.get)(pk=done["turn"])


async def test_the_row_says_how_the_model_was_asked_to_speak(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    done, turn = await asked(chat, browser)
    assert turn.sampling == {
        "temperature": persona("mei").temperature,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "repeat_penalty": 1.05,
        "seed": None,
        "ignore_eos": False,
    }
    assert turn.view_from == 1
    assert done["horizon"] is None


async def test_the_row_of_words_that_were_taken_back_says_which_model_spoke(scripted):
    scripted[0].text = "Kill yourself."
    _user, chat, browser = await in_thread(signed_in)("ada")
    done, turn = await asked(chat, browser)
    assert (done["outcome"], turn.model) == ("blocked", "scripted")


async def test_another_answer_says_that_it_was_made_more_freely(scripted):
    _user, chat, browser = await in_thread(signed_in)("ada")
    tab = await Tab(chat, browser).open()
    await tab.say("Hello")
    first = await tab.until("turn.done")
    again = {"type": "turn.retry", "client_id": str(uuid4()), "turn": first["turn"]}
    await tab.send(again)
    second = await tab.until("turn.done")
    turn = await in_thread(Turn.objects.get)(pk=second["turn"])
    assert turn.sampling["temperature"] == AGAIN_TEMPERATURE


async def test_the_page_is_told_where_the_view_begins(scripted, settings):
    settings.ENGINE_CONTEXT = window(6.5)
    user, chat, browser = await in_thread(signed_in)("ada")
    questions = await in_thread(fill)(user, chat, 8)
    done, turn = await asked(chat, browser)
    assert done["outcome"] == "done"
    assert turn.view_from == questions[5].seq
    assert done["horizon"] == str(questions[5].id)


async def test_fixed_words_have_no_view_and_leave_the_horizon_where_it_is(
    scripted, settings
):
    settings.ENGINE_CONTEXT = window(6.5)
    user, chat, browser = await in_thread(signed_in)("ada")
    questions = await in_thread(fill)(user, chat, 8)
    await asked(chat, browser)
    done, turn = await asked(chat, browser, "Are you human?")
    assert (turn.reason, turn.view_from, turn.sampling) == (
        "human.disclosure",
        None,
        {},
    )
    assert done["horizon"] == str(questions[5].id)


async def test_an_engine_that_takes_less_is_asked_once_more_with_half(
    scripted, settings
):
    settings.ENGINE_CONTEXT = 2 * window(4.5)  # the scripted engine takes 8,192
    user, chat, browser = await in_thread(signed_in)("ada")
    questions = await in_thread(fill)(user, chat, 9)
    done, turn = await asked(chat, browser)
    assert (done["outcome"], turn.model) == ("done", "scripted")
    assert turn.view_from == questions[7].seq
    assert done["horizon"] == str(questions[7].id)
    done, turn = await asked(chat, browser, "And then?")
    assert turn.view_from == questions[7].seq  # it fits now: the head stays


async def test_what_does_not_fit_twice_has_failed_and_nothing_is_lost(
    scripted, settings
):
    settings.ENGINE_CONTEXT = 40_000
    user, chat, browser = await in_thread(signed_in)("ada")
    await in_thread(fill)(user, chat, 15)
    done, turn = await asked(chat, browser)
    assert (done["outcome"], done["reason"]) == ("failed", "engine_too_long")
    assert (turn.view_from, done["horizon"]) == (1, None)


async def test_an_engine_that_refuses_for_another_reason_is_asked_once(settings, run):
    seen = []
    user, chat, browser = await in_thread(signed_in)("ada")
    await in_thread(fill)(user, chat, 4)
    with listening(other_server(status=401, seen=seen), run / "o.sock") as url:
        settings.ENGINE_URL = url
        done, _ = await asked(chat, browser)
    assert (done["outcome"], done["reason"]) == ("failed", "engine_refused")
    assert len(seen) == 1
