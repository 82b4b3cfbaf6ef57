"""The wait for the first word: from the committed message to the end of its turn."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts import services
from companion import measures
from companion.models import Author, Conversation, Message, Turn, TurnState
from safety import incidents
from tests.safety.people import PLAN

pytestmark = pytest.mark.django_db


def turn_about(user, now, took):
    """A message of danger, its incident, and a turn that ended `took` seconds later."""
    conversation = Conversation.objects.create(user=user, persona="lin", updated_at=now)
    question = Message.written(
        conversation=conversation,
        author=Author.USER,
        text="I have the pills in front of me",
        at=now,
    )
    incidents.signal(
        subject=services.subject_for(user, now),
        verdict=PLAN,
        message=question.id,
        conversation=conversation.id,
        now=now,
    )
    return Turn.objects.create(
        conversation=conversation,
        question=question,
        client_id=uuid4(),
        state=TurnState.HANDED_OVER,
        started_at=now,
        lease_until=now,
        ended_at=now + timedelta(seconds=took) if took is not None else None,
    )


@pytest.mark.obligation("CN-16")
def test_the_card_within_its_second_and_one_that_came_late(ada, wen, now):
    turn_about(ada, now, 0.2)
    turn_about(wen, now, 1.5)
    word = measures.recent(now + timedelta(minutes=1))[0]
    assert (word.id, word.seconds, len(word.misses)) == ("first_word", [0.2, 1.5], 1)


def test_a_turn_that_never_ended_is_a_miss(ada, now):
    turn_about(ada, now, None)
    word = measures.recent(now + timedelta(minutes=1))[0]
    assert [value.seconds for value in word.misses] == [None]


def test_the_order_is_that_of_the_wait(ada, now):
    found = [one.id for one in measures.recent(now)]
    assert found == [
        "first_word",
        "claim",
        "first_reply",
        "first_notice",
        "acknowledged",
    ]
