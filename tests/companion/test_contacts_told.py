"""Who outside is being told stands on the crisis card, and only while they are; without
a card it is said in the conversation."""

from datetime import timedelta

import pytest

from accounts import contact_links, contact_telling, contacts
from accounts.models import ContactKind, ContactState
from companion import frames, record, services
from companion.models import Author
from companion.services import cases, judging
from safety import duties, sending
from safety.models import Incident, Routing
from tests.companion.said import accepted

pytestmark = pytest.mark.django_db
DANGER = "I want to kill myself tonight"
TOLD = (
    "Gil Ortega is being told that you may need somebody now, because this could be "
    "dangerous for you. Nothing of what you wrote is passed on."
)


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
    assert card.told == TOLD
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


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def agrees(ada, now):
    """Gil says yes to what he was asked."""
    link = ada.contacts.get().links.get()
    token = contact_links.issue(link=link, now=now)
    contacts.confirm(token=token, language="en", keep_phone=False, now=now)


def told_in(chat):
    rows = chat.messages.filter(author=Author.SYSTEM)
    return [text for text in (row.text() for row in rows) if text == TOLD]


@pytest.mark.obligation("CN-16")
def test_who_put_the_card_away_reads_in_the_chat_that_a_contact_is_told(
    say, chat, ada, now
):
    agrees(ada, now)
    say("I want to die")
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason="safe")
    assert told_in(chat) == []
    run(now)  # nobody is on duty: the deadline has passed
    assert told_in(chat) == [TOLD]
    run(now + timedelta(days=1))
    assert told_in(chat) == [TOLD]  # once, however often Gil is told again


def test_what_the_card_says_is_not_said_a_second_time(say, chat, ada, now):
    agrees(ada, now)
    say(DANGER)
    run(now)
    chat.refresh_from_db()
    assert frames.card_frame(chat, "en").told == TOLD
    assert told_in(chat) == []


@pytest.mark.obligation("CN-16")
def test_what_an_operator_withholds_is_not_said_until_the_danger_is_graver(
    say, chat, ada, otto, now
):
    agrees(ada, now)
    say("I want to die")
    case = cases.claim(operator=otto, now=now).incident
    why = contact_telling.Why.MEANS
    withheld = contact_telling.Withheld.WORSE
    act = {"operator": otto, "incident_id": case.id, "why": why, "now": now}
    judging.tell_contacts(**act, withheld=withheld)
    run(now)
    chat.refresh_from_db()
    assert case.deliveries.get(contact__isnull=False).state == "sent"
    assert (frames.card_frame(chat, "en").told, told_in(chat)) == ("", [])
    assert "Gil" not in " ".join(line.text for line in record.cases(ada)[0].lines)
    say(DANGER)
    run(now)
    chat.refresh_from_db()
    assert frames.card_frame(chat, "en").told == TOLD


@pytest.mark.obligation("CN-16")
def test_the_person_reads_that_somebody_was_told_who_had_not_agreed(
    say, chat, ada, otto, now
):
    say(DANGER)
    case = cases.claim(operator=otto, now=now).incident
    contact_telling.tell_unconfirmed(
        contact=ada.contacts.get().id,
        incident=case.id,
        operator=otto.id,
        reason=contact_telling.Why.MEANS,
        now=now,
    )
    run(now)
    chat.refresh_from_db()
    assert frames.card_frame(chat, "en").told == ""
    assert told_in(chat) == [TOLD]
