"""What who holds a case does with it: each act with its right and its reason."""

import pytest

from companion.dialogue import State
from companion.models import CaseNote
from safety.models import IncidentState
from tests.companion.console.hands import (
    DANGER,
    QUEUE,
    enter,
    entries,
    pulse,
    url,
    words,
)

pytestmark = pytest.mark.django_db


def test_a_second_opinion_opens_the_case_for_those_who_were_asked(
    mine, client, case, olga, chat
):
    mine.get(url("file", case))
    mine.post(url("note", case), {"kind": "question", "text": "Call the police?"})
    other = enter(type(client)(), olga)
    assert "Give a second opinion" in words(other.get(QUEUE))
    page = words(other.get(url("file", case)))
    assert DANGER in page and "Call the police?" in page
    assert "Hand back and close" not in page
    other.post(url("note", case), {"kind": "opinion", "text": "Yes, now."})
    assert (
        other.post(url("note", case), {"kind": "note", "text": "x"}).status_code == 302
    )
    kinds = list(CaseNote.objects.values_list("kind", flat=True))
    assert kinds == ["question", "opinion"]
    assert b"police" not in bytes(CaseNote.objects.first().body)
    assert entries(chat, "transcript.opened").filter(actor=str(olga.id)).count() == 1


def test_a_case_is_passed_on_and_the_person_is_told(mine, client, case, olga, chat):
    mine.post(url("transfer", case), {"to": olga.id})
    case.refresh_from_db()
    assert case.claimed_by == olga.id
    chat.refresh_from_db()
    assert chat.state == State.HUMAN
    assert chat.messages.last().text().startswith("Olga from our team is here.")
    assert pulse(mine, case).status_code == 409


def test_lowering_needs_words_and_a_lower_danger(mine, case):
    assert case.severity == 3
    mine.post(url("lower", case), {"severity": 2, "why": ""})
    mine.post(url("lower", case), {"severity": 3, "why": "no"})
    case.refresh_from_db()
    assert case.severity == 3
    mine.post(url("lower", case), {"severity": 2, "why": "A song text."})
    case.refresh_from_db()
    assert case.severity == 2
    assert CaseNote.objects.get().text() == "A song text."


@pytest.mark.obligation("CN-17")
def test_handing_back_closes_the_case_with_a_reason(mine, case, chat):
    mine.post(url("close", case), {"reason": "", "note": ""})
    case.refresh_from_db()
    assert case.state == IncidentState.HUMAN
    mine.post(url("close", case), {"reason": "safe", "note": "Her sister is there."})
    case.refresh_from_db()
    chat.refresh_from_db()
    assert (case.state, case.closed_reason) == (IncidentState.CLOSED, "safe")
    assert case.note() == "Her sister is there."
    assert chat.state == State.AI
    assert chat.messages.last().text() == (
        "Otto from our team has left. The companion, an AI, answers again. "
        "It does not see what you two wrote."
    )


@pytest.mark.obligation("CN-16")
def test_who_has_not_agreed_is_written_to_once_with_a_reason(mine, case, chat):
    gil = chat.user.contacts.get()
    assert "Write to a contact who has not agreed yet" in words(
        mine.get(url("file", case))
    )
    mine.post(url("tell", case), {"contact": gil.id, "why": "because"})
    assert not case.deliveries.filter(contact=gil.id).exists()
    for _ in range(2):
        mine.post(url("tell", case), {"contact": gil.id, "why": "means"})
    assert case.deliveries.filter(contact=gil.id).count() == 1
    (entry,) = entries(chat, "contact.told_unconfirmed")
    assert entry.facts["reason"] == "means"
