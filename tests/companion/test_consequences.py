"""What a message leads to behind the ones before it, on a real database."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.services import subject_for
from companion import services
from companion.dialogue import State
from companion.models import Turn, TurnState
from companion.refusal import Refused
from safety import gate
from safety.models import Observation, Strike
from safety.verdict import Action, Tier, Verdict
from tests.safety.people import refused

pytestmark = pytest.mark.django_db
BOMB = refused("crime", "crime.en")
CALM = Verdict(Tier.T0, Action.ALLOW)


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.fixture
def say(ada, now, chat):
    """`say(text)` or `say(verdict=…)`: a message of Ada's; gives its turn."""

    def accept(text="Hello", *, verdict=None, hours=0):
        at = now + timedelta(hours=hours)
        subject = subject_for(ada, at)
        return services.accept(
            subject=subject,
            conversation_id=chat.id,
            client_id=uuid4(),
            text=text,
            verdict=verdict or gate.check_input(text, subject),
            cursor="0-0",
            now=at,
        ).turn

    return accept


def put_away(chat, reason="safe"):
    services.put_card_away(user_id=chat.user_id, conversation_id=chat.id, reason=reason)


@pytest.mark.obligation("CN-16")
def test_a_second_wish_to_die_is_answered_as_a_plan(say, chat):
    assert say("I don't want to be alive").reason == "crisis.t2"
    put_away(chat)
    assert say("I want to be dead", hours=5).reason == "crisis.t3"


@pytest.mark.obligation("CN-16")
def test_it_counts_in_another_conversation_too(say, chat, ada, now):
    say("I don't want to be alive")
    other = services.start_conversation(user=ada, persona="lin", now=now)
    text, subject = "I want to be dead", subject_for(ada, now)
    turn = services.accept(
        subject=subject,
        conversation_id=other.id,
        client_id=uuid4(),
        text=text,
        verdict=gate.check_input(text, subject),
        cursor="0-0",
        now=now,
    ).turn
    assert turn.reason == "crisis.t3"


def test_what_is_noted_is_about_the_message_and_holds_no_word(say, chat):
    turn = say("I don't want to be alive")
    row = Observation.objects.get()
    assert (row.message, row.conversation) == (turn.question_id, chat.id)
    assert (row.tier, row.labels) == (2, ["self_harm"])


@pytest.mark.obligation("CN-ADJ-8")
def test_what_was_held_back_is_told_with_its_reason(say):
    turn = say(verdict=BOMB)
    assert (turn.state, turn.reason) == (TurnState.BLOCKED, "input.blocked")
    assert "help with a crime" in turn.reply.text()
    assert Strike.objects.get().message == turn.question_id


@pytest.mark.obligation("CN-ADJ-8")
def test_the_third_in_a_row_closes_the_way_to_the_companion_only(say, chat):
    say(verdict=BOMB), say(verdict=BOMB)
    assert "nothing is passed on" in say(verdict=BOMB).reply.text()
    with pytest.raises(Refused, match="suspended"):
        say("Hello", hours=1)
    assert say("Are you human?", hours=1).reason == "human.disclosure"
    assert say("I don't want to be alive", hours=2).reason == "crisis.t2"
    assert say("bye", hours=3).state == TurnState.DONE
    chat.refresh_from_db()
    assert chat.state == State.CLOSED


def test_after_a_day_it_is_over(say):
    for _ in range(3):
        say(verdict=BOMB)
    assert say("Hello", hours=25).state == TurnState.RUNNING


def test_a_calm_message_ends_the_row(say):
    for verdict in (BOMB, BOMB, CALM, BOMB, BOMB):
        turn = say(verdict=verdict)
        if turn.state == TurnState.RUNNING:
            Turn.objects.filter(pk=turn.pk).update(state=TurnState.DONE)
    assert say("Hello").state == TurnState.RUNNING


def test_beside_a_crisis_card_nothing_is_held_against_anybody(say):
    say("I don't want to be alive")
    told = [say(verdict=BOMB).reason for _ in range(4)]
    assert told == ["support.stay", "", "", ""]  # said once: a person was asked to come
    assert Strike.objects.count() == 0
