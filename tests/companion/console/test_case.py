"""One case: no word is shown without an entry in the audit chain before it."""

import json
from uuid import uuid4

import pytest

from companion.models import Author, Takeover
from tests.companion.console.hands import DANGER, enter, entries, pulse, url, words

pytestmark = pytest.mark.django_db


@pytest.mark.obligation("CN-24")
def test_words_open_behind_an_entry_that_is_there_before(mine, chat, case, otto):
    assert not entries(chat, "transcript.opened").exists()
    assert pulse(mine, case).status_code == 409  # the page was not opened
    page = words(mine.get(url("file", case)))
    assert DANGER in page
    (entry,) = entries(chat, "transcript.opened")
    assert (entry.actor, entry.facts["incident"]) == (str(otto.id), str(case.id))
    assert pulse(mine, case).status_code == 200


def test_the_page_shows_the_person_and_ways_to_help(mine, case):
    page = words(mine.get(url("file", case)))
    for said in (
        "<dt>Age</dt> <dd>adult</dd>",
        "<dt>Region</dt> <dd>United Kingdom</dd>",
        "Gil Ortega",
        "You are in this conversation.",
        "Hello, I am Otto. I am a person from the team here, not a program.",
        "Nobody outside has been told.",
        "the person is safe now",
    ):
        assert said in page
    own = page[page.index('id="content-main"') : page.index('id="footer"')]
    assert "<script" not in own
    assert "style=" not in own


def test_who_does_not_hold_the_case_reads_nothing(mine, client, case, olga, chat):
    mine.get(url("file", case))
    other = enter(type(client)(), olga)
    page = words(other.get(url("file", case)))
    assert DANGER not in page
    assert "This case is not with you." in page
    assert pulse(other, case).status_code == 409
    said = {"talk": Takeover.objects.get().id, "id": uuid4(), "text": "Hello"}
    assert other.post(url("say", case), said).status_code == 409
    assert entries(chat, "transcript.opened").count() == 1


def test_both_talk(mine, case, say, chat):
    mine.get(url("file", case))
    talk = Takeover.objects.get()
    said = {"talk": talk.id, "id": uuid4(), "text": "How are you?"}
    assert mine.post(url("say", case), said).status_code == 200
    assert mine.post(url("say", case), said).status_code == 200
    say("I am here")
    news = json.loads(pulse(mine, case, renew="1").content)
    assert "I am here" in news["lines"]
    assert news["may_write"] is True
    told = [m.text() for m in chat.messages.filter(author=Author.HUMAN)]
    assert told == ["How are you?"]
    seen = json.loads(pulse(mine, case, seen=news["last"]).content)
    talk.refresh_from_db()
    assert talk.read_by_operator == seen["last"]


def test_a_message_that_is_none_is_refused_in_words(mine, case):
    for text, code in (("", "message_empty"), ("x" * 4001, "message_too_long")):
        said = {"talk": Takeover.objects.get().id, "id": uuid4(), "text": text}
        answer = mine.post(url("say", case), said)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_the_lease_runs_on_only_while_the_operator_is_there(mine, case):
    mine.get(url("file", case))
    case.refresh_from_db()
    before = case.lease_until
    pulse(mine, case, renew="0")
    case.refresh_from_db()
    assert case.lease_until == before
    pulse(mine, case, renew="1")
    case.refresh_from_db()
    assert case.lease_until > before
