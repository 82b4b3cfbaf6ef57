"""Conversation state that cannot be read: no message is accepted, no model answers."""

import pytest
from django.db import DatabaseError, connection

from companion import services
from companion.models import Message, Turn
from tests.companion.said import accepted

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.mark.obligation("CN-16")
@pytest.mark.parametrize("text", ["Hello", "I want to die"])
def test_nothing_is_accepted_while_the_signs_before_it_are_gone(ada, chat, now, text):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE safety_observation RENAME TO gone")
    with pytest.raises(DatabaseError):
        accepted(ada, chat, text, now=now)
    assert (Turn.objects.count(), Message.objects.count()) == (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gone RENAME TO safety_observation")
    accepted(ada, chat, text, now=now)
    assert (Turn.objects.count(), Message.objects.exists()) == (1, True)
