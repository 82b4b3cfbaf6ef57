"""A person of the team comes into a conversation: the states, the person's own say, and
what a later prompt may hold.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from companion import prompts, services
from companion.dialogue import State
from companion.models import Answer, Author, Takeover, Turn, TurnState
from companion.refusal import Refused
from companion.services import cases, takeover
from companion.services.cases import Reason
from companion.takeover import strip
from safety import incidents
from safety.models import Incident, IncidentState, Shift, ShiftRole
from safety.verdict import Action, Tier, Verdict
from tests.companion.said import accepted
from tests.conftest import NOW
from vault import audit
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
DANGER = "I want to kill myself tonight"
LATER = NOW + timedelta(hours=8)
CALM = Verdict(tier=Tier.T0, action=Action.ALLOW)


@pytest.fixture
def chat(ada, now):
    return services.start_conversation(user=ada, persona="mei", now=now)


@pytest.fixture
def say(ada, now, chat):
    def accept(text, conversation=chat):
        return accepted(ada, conversation, text, now=now)

    return accept


@pytest.fixture
def case(say, otto, now):
    """Ada is in danger and Otto is with her."""
    say(DANGER)
    return cases.claim(operator=otto, now=now).incident


def fresh(chat):
    chat.refresh_from_db()
    return chat


def reply(otto, case, text, now, message_id=None):
    return cases.say(
        operator=otto,
        takeover_id=Takeover.objects.get(incident=case.id).id,
        message_id=message_id or uuid4(),
        text=text,
        now=now,
    )


def spoken(chat, author):
    return [m.text() for m in chat.messages.filter(author=author)]


@pytest.mark.obligation("CN-16", "CN-17")
def test_danger_asks_for_a_person_in_the_transaction_of_the_message(say, chat):
    accepted = say(DANGER)
    case = Incident.objects.get()
    assert fresh(chat).state == State.WAITING_HUMAN
    assert case.signals.get().message == accepted.turn.question_id
    assert Takeover.objects.get().incident == case.id


@pytest.mark.obligation("CN-17")
def test_who_claims_is_there_and_the_companion_is_silent(chat, case, say, otto):
    assert fresh(chat).state == State.HUMAN
    assert spoken(chat, Author.SYSTEM)[-1] == (
        "Otto from our team is here.\n\n"
        "You are writing with a person now. The companion is silent."
    )
    turn = say("Hello?").turn
    assert (turn.state, turn.reply) == (TurnState.HANDED_OVER, None)


def test_nobody_on_duty_is_said(say, chat, now, otto):
    say(DANGER)
    shown = strip(fresh(chat), now)
    assert (shown.staffed, shown.title) == (
        False,
        "Nobody from our team is on duty right now.",
    )
    Shift.objects.create(
        operator=otto.id, role=ShiftRole.RESPONDER, starts_at=now, ends_at=LATER
    )
    shown = strip(chat, now)
    assert (shown.staffed, shown.title) == (
        True,
        "A person from our team has been asked to come here.",
    )


def test_the_person_may_decline_and_keeps_the_numbers(chat, case, ada, otto, now):
    takeover.decline(user_id=ada.id, conversation_id=chat.id, now=now)
    assert fresh(chat).state == State.SUPPORT
    assert chat.card_id is not None
    with pytest.raises(Refused, match="person_not_there"):
        reply(otto, case, "But I am here.", now)
    for changed in takeover.line_up(incident_id=case.id, now=now):
        assert changed.messages == []
    assert fresh(chat).state == State.SUPPORT


def test_who_declined_can_ask_and_new_danger_asks_by_itself(chat, case, ada, say, now):
    takeover.decline(user_id=ada.id, conversation_id=chat.id, now=now)
    takeover.ask_again(user_id=ada.id, conversation_id=chat.id, now=now)
    assert fresh(chat).state == State.HUMAN
    takeover.decline(user_id=ada.id, conversation_id=chat.id, now=now)
    say(DANGER)
    assert fresh(chat).state == State.HUMAN
    assert Takeover.objects.get().answer == Answer.NONE


def test_nobody_is_declined_or_asked_where_nobody_was_called(chat, ada, now):
    for act in (takeover.decline, takeover.ask_again):
        with pytest.raises(Refused, match="not_found"):
            act(user_id=ada.id, conversation_id=chat.id, now=now)


@pytest.mark.obligation("CN-17")
def test_a_lost_operator_leads_back_to_waiting(chat, case, now):
    Incident.objects.update(state=IncidentState.OFFERED, claimed_by=None)
    (changed,) = takeover.line_up(incident_id=case.id, now=now)
    assert fresh(chat).state == State.WAITING_HUMAN
    assert changed.messages[0].text() == (
        "We lost the connection to Otto from our team. "
        "We are asking for a person again."
    )
    (again,) = takeover.line_up(incident_id=case.id, now=now)
    assert again.messages == []


@pytest.mark.obligation("CN-17")
def test_only_a_hand_back_with_a_reason_gives_the_companion_its_voice_again(
    chat, case, say, otto, ada, now
):
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason="safe")
    assert fresh(chat).state == State.HUMAN
    with pytest.raises(Refused, match="reason_missing"):
        cases.close(
            operator=otto, incident_id=case.id, reason=Reason.OTHER, note=" ", now=now
        )
    cases.close(
        operator=otto, incident_id=case.id, reason=Reason.SAFE, note="", now=now
    )
    assert fresh(chat).state == State.AI
    assert say("Let us talk about boats").calls_model
    acts = AuditEntry.objects.filter(chain=str(ada.id)).values_list("act", flat=True)
    for act in ("takeover.claim", "takeover.hand_back", "incident.closed"):
        assert act in acts
    assert audit.verify(ada.id) > 0


@pytest.mark.parametrize("said", ["safe", "wrong"])
def test_where_nobody_has_come_the_person_goes_on_and_the_case_stays(
    say, chat, ada, said
):
    say(DANGER)
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason=said)
    assert fresh(chat).state == State.AI
    assert Takeover.objects.get().answer == said
    assert Incident.objects.get().state != IncidentState.CLOSED


def test_after_i_am_safe_nobody_comes_in_by_claiming_but_by_going_in(
    say, chat, ada, otto, now
):
    say(DANGER)
    services.put_card_away(user_id=ada.id, conversation_id=chat.id, reason="safe")
    cases.claim(operator=otto, now=now)
    assert fresh(chat).state == State.AI
    running = say("Tell me a story").turn
    changed = cases.join(operator=otto, takeover_id=Takeover.objects.get().id, now=now)
    assert changed.silenced.id == running.id
    assert fresh(chat).state == State.HUMAN


def test_a_message_of_the_operator_is_sealed_noted_and_sent_once(
    chat, case, otto, ada, now
):
    message_id = uuid4()
    first = reply(otto, case, "How are you?", now, message_id)
    again = reply(otto, case, "How are you?", now, message_id)
    assert first.id == again.id == message_id
    assert spoken(chat, Author.HUMAN) == ["How are you?"]
    assert b"How" not in bytes(first.body)
    entry = AuditEntry.objects.get(chain=str(ada.id), act="human.said")
    assert entry.facts == {"incident": str(case.id), "message": str(message_id)}
    case.refresh_from_db()
    assert case.first_reply_at == now


@pytest.mark.obligation("CN-17")
def test_no_word_of_the_human_part_reaches_a_later_prompt(chat, case, say, otto, now):
    say("my secret with Otto")
    reply(otto, case, "your secret is safe", now)
    cases.close(
        operator=otto, incident_id=case.id, reason=Reason.SAFE, note="", now=now
    )
    first = say("Let us talk about boats").turn
    asked = _prompt(first)
    assert "secret" not in asked and DANGER not in asked
    assert asked.count("talked with a person from the team") == 1
    _answer(first, now)
    second = say("And ships?").turn
    assert _prompt(second).startswith(asked)  # the head stays: only the end is new
    assert _prompt(second).count("talked with a person from the team") == 1


def _prompt(turn):
    turn = Turn.objects.get(pk=turn.pk)
    made = prompts.prompt_for(turn=turn, language="en", verdict=CALM)
    return "\n".join(f"{m.role}: {m.content}" for m in made.request.messages)


def _answer(turn, now):
    services.finish(
        turn=turn,
        text="Boats are fine.",
        state=TurnState.DONE,
        reason="",
        made_by=services.MadeBy(view_from=1),
        verdict=CALM,
        now=now,
    )


def test_danger_in_another_conversation_brings_the_same_person_there(
    case, say, ada, now
):
    other = services.start_conversation(user=ada, persona="lin", now=now)
    say(DANGER, other)
    assert fresh(other).state == State.HUMAN
    assert Incident.objects.count() == 1


def test_how_far_the_person_has_read_only_grows(chat, case, otto, ada, now):
    one, two = (reply(otto, case, text, now) for text in ("one", "two"))
    for message in (two, one):
        takeover.read_by_person(
            user_id=ada.id, conversation_id=chat.id, message_id=message.id
        )
    assert Takeover.objects.get().read_by_person == two.seq


def test_what_nobody_claimed_lapses_into_nothing_when_it_is_closed(
    say, chat, otto, ada, now
):
    say(DANGER)
    takeover.decline(user_id=ada.id, conversation_id=chat.id, now=now)
    case = cases.claim(operator=otto, now=now).incident
    incidents.close(incident=case.id, operator=otto.id, reason="safe", note="", now=now)
    takeover.line_up(incident_id=case.id, now=now)
    assert fresh(chat).state == State.SUPPORT  # the card is put away by its owner
