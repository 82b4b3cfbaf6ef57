import pytest

from companion.dialogue import MOVES, Event, IllegalMove, StaleState, State, move
from companion.models import Conversation
from companion.services import start_conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(ada, now):
    return start_conversation(user=ada, persona="mei", now=now)


@pytest.mark.obligation("CN-17")
def test_danger_and_leaving_have_a_move_from_every_state():
    for state in State:
        assert (state, Event.RISK) in MOVES
        assert (state, Event.EXIT) in MOVES


@pytest.mark.obligation("CN-17")
def test_only_a_hand_back_leads_from_a_human_back_to_the_model():
    assert [
        e for (s, e), new in MOVES.items() if s is State.HUMAN and new is State.AI
    ] == [Event.HAND_BACK]


def test_a_move_that_the_table_does_not_have_changes_nothing(chat):
    with pytest.raises(IllegalMove):
        move(conversation=chat, event=Event.RESOLVED)
    chat.refresh_from_db()
    assert chat.state == State.AI


def test_who_comes_second_is_told_so(chat):
    twin = Conversation.objects.get(pk=chat.pk)
    move(conversation=chat, event=Event.RISK)
    with pytest.raises(StaleState):
        move(conversation=twin, event=Event.EXIT)
