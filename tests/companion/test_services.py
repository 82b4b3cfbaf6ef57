"""The acts of a conversation on a real database."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.services import subject_for
from companion import frames, services
from companion.dialogue import State
from companion.models import Author, Message, Turn, TurnState
from companion.refusal import Refused
from companion.services import LEASE, MadeBy
from safety.verdict import Action, Tier, Verdict
from tests.companion.said import accepted
from vault.audit import verify
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
ALLOWED = Verdict(tier=Tier.T0, action=Action.ALLOW)


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.fixture
def say(ada, now, chat):
    """`say(text)` accepts a message of Ada's as the turn would."""

    def accept(text, *, client_id=None, at=now):
        return accepted(ada, chat, text, now=at, client_id=client_id)

    return accept


@pytest.fixture
def finish(now):
    def end(turn, text="Good.", state=TurnState.DONE):
        return services.finish(
            turn=turn,
            text=text,
            state=state,
            reason="",
            made_by=MadeBy(model="m", prompt_version="p", completion_tokens=2),
            verdict=ALLOWED,
            now=now,
        )

    return end


def test_a_persona_that_does_not_exist_cannot_be_started(ada, now):
    with pytest.raises(Refused) as refused:
        services.start_conversation(user=ada, persona="partner", now=now)
    assert refused.value.code == "not_found"


@pytest.mark.obligation("CN-24")
def test_an_accepted_message_is_sealed_and_audited(say, ada):
    accepted = say("The green boat.")
    row = Message.objects.get(pk=accepted.turn.question_id)
    assert b"green" not in bytes(row.body)
    assert row.text() == "The green boat."
    entry = AuditEntry.objects.get(chain=str(ada.id), act="gate.input")
    assert entry.facts["message"] == str(row.id)
    assert verify(ada.id) > 0
    assert accepted.calls_model


def test_the_first_words_name_the_conversation(say, chat):
    say("The green boat." + "x" * 100)
    chat.refresh_from_db()
    assert chat.title().startswith("The green boat.")
    assert len(chat.title()) == services.TITLE_CHARACTERS
    assert b"green" not in bytes(chat.title_sealed)


def test_sending_again_is_harmless(say, chat):
    client_id = uuid4()
    first = say("Hello", client_id=client_id)
    again = say("Hello", client_id=client_id)
    assert (again.turn.id, again.fresh) == (first.turn.id, False)
    assert chat.messages.count() == 1
    assert not again.calls_model


def test_a_second_message_waits_for_the_first_reply(say, finish):
    first = say("Hello")
    with pytest.raises(Refused) as refused:
        say("And?")
    assert refused.value.code == "turn_busy"
    finish(first.turn)
    assert say("And?").calls_model


@pytest.mark.obligation("CN-16", "CN-17")
def test_danger_is_accepted_while_a_reply_is_written_and_calls_no_model(say, chat):
    running = say("Tell me a story").turn
    accepted = say("I want to die tonight")
    assert accepted.interrupts == running.id
    assert not accepted.calls_model
    chat.refresh_from_db()
    assert chat.state == State.WAITING_HUMAN
    assert (chat.card_id, chat.card_text) == (accepted.turn.reply_id, "crisis.t3")


@pytest.mark.obligation("CN-16", "CN-17")
def test_after_danger_the_model_stays_silent_until_the_card_is_put_away(say, chat, ada):
    say("I want to die")
    silent = say("hello?")
    assert (silent.turn.state, silent.turn.reason) == (
        TurnState.HANDED_OVER,
        "support.stay",
    )
    assert say("anybody?").turn.reason == ""  # said once; a person was asked to come
    words = services.put_card_away(
        user_id=ada.id, conversation_id=chat.id, reason="wrong"
    )
    assert words is not None
    assert say("Let us talk about boats").calls_model


@pytest.mark.obligation("CN-16")
def test_a_yes_to_the_direct_question_is_taken_at_its_word(say, chat):
    assert say("yes").calls_model  # nobody asked
    chat.turns.update(state=TurnState.DONE)
    say("I want to die")
    turn = say("Yes.").turn
    assert (turn.state, turn.reason) == (TurnState.HANDED_OVER, "crisis.t3")


@pytest.mark.obligation("CN-16", "CN-32")
def test_a_goodbye_leaves_the_numbers_where_they_are(say, chat, ada):
    say("I want to die tonight")
    say("bye")
    chat.refresh_from_db()
    assert chat.state == State.CLOSED
    card = frames.card_frame(chat, "en")
    assert card is not None and card.resources
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason="safe")
    chat.refresh_from_db()
    assert (chat.state, chat.card) == (State.CLOSED, None)


@pytest.mark.obligation("CN-32")
def test_a_goodbye_closes_at_once_and_only_danger_opens_it(say, chat):
    farewell = say("bye").turn
    assert (farewell.state, farewell.reason) == (TurnState.DONE, "exit.farewell")
    chat.refresh_from_db()
    assert chat.state == State.CLOSED
    with pytest.raises(Refused) as refused:
        say("Hello again")
    assert refused.value.code == "conversation_closed"
    assert say("I want to die").turn.state == TurnState.HANDED_OVER


@pytest.mark.obligation("CN-32")
def test_the_exit_button_works_from_any_state(say, chat, ada, now):
    say("I want to die")
    left = services.leave(user_id=ada.id, conversation_id=chat.id, now=now)
    assert left.state == State.CLOSED


@pytest.mark.obligation("CN-29")
def test_are_you_human_is_answered_by_fixed_words(say):
    turn = say("Are you human?").turn
    assert (turn.state, turn.reason) == (TurnState.DONE, "human.disclosure")
    assert turn.reply.author == Author.SYSTEM


def test_another_persons_conversation_does_not_exist(chat, wen, now):
    subject = subject_for(wen, now)
    with pytest.raises(Refused) as refused:
        services.accept(
            subject=subject,
            conversation_id=chat.id,
            client_id=uuid4(),
            text="你好",
            verdict=ALLOWED,
            cursor="0-0",
            now=now,
        )
    assert refused.value.code == "not_found"


def test_a_reply_is_sealed_with_what_made_it(say, finish):
    turn = say("Hello").turn
    assert finish(turn, "Good evening.")
    turn.refresh_from_db()
    assert turn.reply.text() == "Good evening."
    assert (turn.state, turn.model, turn.completion_tokens) == ("done", "m", 2)


def test_a_turn_ends_once(say, finish, now):
    turn = say("Hello").turn
    (lost,) = services.fail_orphans(now=now + LEASE + timedelta(seconds=1))
    assert (lost.id, lost.state, lost.reason) == (turn.id, "failed", "process_lost")
    assert not finish(turn, "Too late.")
    turn.refresh_from_db()
    assert (turn.state, turn.reply) == ("failed", None)


def test_a_turn_with_a_live_lease_is_no_orphan(say, now):
    turn = say("Hello").turn
    services.renew_lease(turn_id=turn.id, now=now + LEASE)
    assert services.fail_orphans(now=now + LEASE + timedelta(seconds=1)) == []


@pytest.fixture
def retry(ada, now, chat):
    def again(turn):
        return services.accept_retry(
            subject=subject_for(ada, now),
            conversation_id=chat.id,
            client_id=uuid4(),
            turn_id=turn.id,
            cursor="0-0",
            now=now,
        )

    return again


def test_the_newest_message_can_be_answered_again(say, finish, retry):
    first = say("Hello").turn
    finish(first)
    again = retry(first)
    assert again.calls_model
    assert again.turn.question_id == first.question_id


def test_an_older_message_and_fixed_words_cannot_be_answered_again(say, finish, retry):
    first = say("Hello").turn
    finish(first)
    finish(say("And now?").turn)
    with pytest.raises(Refused, match="cannot_retry"):
        retry(first)
    danger = say("I want to die").turn
    with pytest.raises(Refused, match="cannot_retry"):
        retry(danger)


def test_two_turns_of_one_conversation_never_run_at_once(say, chat, now):
    turn = say("Hello").turn
    twin = Turn(
        conversation=chat,
        question=turn.question,
        client_id=uuid4(),
        started_at=now,
        lease_until=now,
    )
    with pytest.raises(Exception, match="one_running_turn"):
        twin.save()
