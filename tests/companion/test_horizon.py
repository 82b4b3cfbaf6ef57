"""Where the companion's view begins, and whether it once saw more."""

import pytest

from companion import services
from companion.horizon import horizon, seen_from
from companion.models import TurnState
from companion.services import MadeBy
from safety.verdict import Action, Tier, Verdict
from tests.companion.said import accepted

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.fixture
def talk(ada, now, chat):
    """`talk(said, view_from)` is one whole exchange; gives its question."""

    def exchange(said, view_from=None, state=TurnState.DONE):
        turn = accepted(ada, chat, said, now=now).turn
        services.finish(
            turn=turn,
            text="" if state is TurnState.FAILED else "Good.",
            state=state,
            reason="",
            made_by=MadeBy(view_from=view_from),
            verdict=ALLOWED,
            now=now,
        )
        return turn.question

    return exchange


def test_before_the_first_answer_there_is_none(chat):
    assert seen_from(chat.id) == 0
    assert horizon(chat.id) is None


def test_while_everything_is_seen_there_is_none(chat, talk):
    talk("One", view_from=1)
    talk("Two", view_from=1)
    assert seen_from(chat.id) == 1
    assert horizon(chat.id) is None


def test_it_follows_the_newest_turn(chat, talk):
    talk("One", view_from=1)
    second = talk("Two", view_from=1)
    third = talk("Three", view_from=second.seq)
    assert horizon(chat.id) == second
    talk("Four", view_from=third.seq)
    assert horizon(chat.id) == third


def test_what_was_tried_in_vain_moves_nothing(chat, talk):
    talk("One", view_from=1)
    second = talk("Two", view_from=1)
    talk("Three", view_from=second.seq, state=TurnState.FAILED)
    assert seen_from(chat.id) == 1
    assert horizon(chat.id) is None


def test_fixed_words_do_not_move_it(chat, talk):
    talk("One", view_from=1)
    second = talk("Two", view_from=3)
    talk("Are you a human?")
    assert horizon(chat.id) == second


def test_a_cry_that_no_prompt_ever_held_was_never_in_view(chat, talk, ada):
    talk("I want to kill myself")
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason="safe")
    calm = chat.messages.count() + 1
    talk("The rain has stopped.", view_from=calm)
    assert seen_from(chat.id) == calm
    assert horizon(chat.id) is None


def test_another_conversation_has_its_own(chat, talk, ada, now):
    talk("One", view_from=1)
    talk("Two", view_from=3)
    other = services.start_conversation(user=ada, persona="lin", now=now)
    assert horizon(other.id) is None
