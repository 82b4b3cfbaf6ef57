"""What who holds a case does with it: each act with its right and its reason."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import contact_links, contacts
from companion.dialogue import State
from companion.models import CaseNote
from safety import duties, incidents, sending
from safety.models import Incident, IncidentState
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


def test_to_whom_a_case_is_passed_on_says_who_is_there(mine, client, case, olga):
    page = words(mine.get(url("file", case)))
    assert ">Olga</option>" in page
    enter(type(client)(), olga).get(QUEUE)
    page = words(mine.get(url("file", case)))
    assert ">Olga · console open</option>" in page


def test_a_case_is_passed_on_and_the_person_is_told(mine, client, case, olga, chat):
    mine.post(url("transfer", case), {"to": olga.id})
    case.refresh_from_db()
    assert case.claimed_by == olga.id
    chat.refresh_from_db()
    assert chat.state == State.HUMAN
    assert chat.messages.last().text().startswith("Olga from our team is here.")
    assert pulse(mine, case).status_code == 409


@pytest.mark.obligation("CN-17")
def test_the_new_holder_is_told_by_their_own_routes_and_nobody_else(mine, case, olga):
    before = set(case.deliveries.values_list("id", flat=True))
    mine.post(url("transfer", case), {"to": olga.id})
    (told,) = case.deliveries.exclude(id__in=before)
    assert (told.template, told.route.owner) == ("operator.passed_on", olga.id)
    sending.send_due(now=timezone.now())
    told.refresh_from_db()
    assert (told.state, told.contact) == ("sent", None)


def test_who_no_longer_holds_it_is_not_told_that_they_do(mine, case, olga, otto):
    mine.post(url("transfer", case), {"to": olga.id})
    told = case.deliveries.get(template="operator.passed_on")
    incidents.transfer(
        incident=case.id, operator=olga.id, to=otto.id, now=timezone.now()
    )
    sending.send_due(now=timezone.now())
    told.refresh_from_db()
    assert told.state == "cancelled"


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


@pytest.mark.obligation("CN-16")
def test_what_an_operator_withholds_for_a_reason_is_read_after_the_end(
    mine, client, case, chat
):
    gil = chat.user.contacts.get()
    act = {"contact": gil.id, "why": "means"}
    unknown = mine.post(url("tell", case), act | {"withheld": "mood"})
    assert unknown.status_code == 404
    mine.post(url("tell", case), act | {"withheld": "reads"})
    sending.send_due(now=timezone.now())
    while duties.run_due(now=timezone.now()):
        pass
    assert case.deliveries.get(contact=gil.id).state == "sent"
    (entry,) = entries(chat, "contact.told_unconfirmed")
    assert entry.facts["withheld"] == "reads"
    assert words(mine.get(url("file", case))).count("data-withheld") == 1
    person = type(client)()
    person.force_login(chat.user)
    page = words(person.get(reverse("record")))
    assert "Otto from our team took this on." in page
    assert "Gil" not in page + "".join(row.text() for row in chat.messages.all())
    assert "had not agreed" not in page
    mine.post(url("close", case), {"reason": "safe", "note": ""})
    page = words(person.get(reverse("record")))
    assert "Gil Ortega was told" in page
    assert (
        "decided to write to a contact who had not agreed yet. For your own safety "
        "you read this only after the end."
    ) in page
    assert "read along" not in page


@pytest.mark.obligation("CN-16")
def test_who_has_agreed_is_told_when_the_operator_says_so(client, otto, say, chat):
    now = timezone.now()
    gil = chat.user.contacts.get()
    token = contact_links.issue(link=gil.links.get(), now=now)
    contacts.confirm(token=token, language="en", keep_phone=False, now=now)
    say("I want to die")
    case = Incident.objects.get()
    browser = enter(client, otto)
    assert browser.post(url("tell_contacts", case), {"why": "means"}).status_code == 302
    browser.post(url("claim", case))
    offered = "Tell the contacts who have agreed"
    assert offered in words(browser.get(url("file", case)))
    browser.post(url("tell_contacts", case), {"why": "because"})
    while duties.run_due(now=timezone.now()):
        pass
    assert not case.deliveries.filter(contact=gil.id).exists()
    for _ in range(2):
        browser.post(url("tell_contacts", case), {"why": "means"})
        duties.run_due(now=timezone.now())
    assert case.deliveries.filter(contact=gil.id).count() == 1
    assert offered not in words(browser.get(url("file", case)))
    (entry,) = entries(chat, "incident.contacts_told")
    assert (entry.actor, entry.facts["reason"]) == (str(otto.id), "means")
    person = type(client)()
    person.force_login(chat.user)
    assert "Otto from our team decided to tell your contacts." in words(
        person.get(reverse("record"))
    )


@pytest.mark.obligation("CN-16")
def test_a_call_is_owed_until_somebody_was_reached(mine, case):
    mine.get(url("file", case))
    while duties.run_due(now=timezone.now()):  # Gil has not agreed: no notice can go
        pass
    owed, tag = "No notice can tell a contact", "telephone call owed"
    assert owed in words(mine.get(url("file", case)))
    assert owed in pulse(mine, case).json()["told"]
    assert tag in words(mine.get(QUEUE))
    mine.post(url("note", case), {"kind": "no_answer", "text": "It rang for long."})
    assert owed in pulse(mine, case).json()["told"]
    mine.post(url("note", case), {"kind": "call", "text": "Her sister goes there."})
    assert owed not in pulse(mine, case).json()["told"]
    assert tag not in words(mine.get(QUEUE))
    kinds = list(CaseNote.objects.values_list("kind", flat=True))
    assert kinds == ["no_answer", "call"]


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
