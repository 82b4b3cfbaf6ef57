"""Who outside is being told stands on the crisis card, and only while they are."""

import pytest

from accounts.models import ContactKind, ContactState
from companion import frames, services
from safety.models import Incident, Routing
from tests.companion.said import accepted

pytestmark = pytest.mark.django_db
DANGER = "I want to kill myself tonight"


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.fixture
def say(ada, now, chat):
    def accept(text, conversation=chat):
        return accepted(ada, conversation, text, now=now)

    return accept


@pytest.mark.obligation("CN-16")
def test_the_card_says_who_is_told_and_only_while_somebody_is(say, chat, ada):
    say(DANGER)
    chat.refresh_from_db()
    card = frames.card_frame(chat, "en")
    assert card.told == ""  # Gil was named and has not agreed
    ada.contacts.update(state=ContactState.CONFIRMED)
    card = frames.card_frame(chat, "en")
    assert card.told == (
        "Gil Ortega is being told that you may need somebody now, because this could "
        "be dangerous for you. Nothing of what you wrote is passed on."
    )
    Incident.objects.update(routing=Routing.GUARDIAN_IMPLICATED)
    assert frames.card_frame(chat, "en").told == card.told  # Gil is no guardian here
    gil = ada.contacts.get()
    gil.kind = ContactKind.GUARDIAN
    gil.seal_details(name="Gil Ortega", email="gil@example.org", phone="")
    gil.save()
    assert gil.name == "Gil Ortega"
    assert frames.card_frame(chat, "en").told == ""


def test_a_wish_to_die_alone_tells_nobody_outside(say, chat, ada):
    ada.contacts.update(state=ContactState.CONFIRMED)
    say("I want to die")
    chat.refresh_from_db()
    assert frames.card_frame(chat, "en").told == ""
