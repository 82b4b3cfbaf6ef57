"""The console of cases: who comes in, what its pages say in both languages, and that no
word of a person is shown without an entry in their audit chain before it.
"""

import html
import json
from uuid import uuid4

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils import timezone

from accounts import operators
from accounts.roles import Role
from accounts.services import subject_for
from companion import services
from companion.dialogue import State
from companion.models import Author, CaseNote, Takeover
from companion.services import cases
from safety import gate
from safety.models import Incident, IncidentState, Presence
from tests.accounts import cast
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:companion_case_changelist")
LIVE = reverse("admin:companion_case_live")
NEXT = reverse("admin:companion_case_next")
DANGER = "I want to kill myself tonight"


def url(name, case):
    return reverse(f"admin:companion_case_{name}", args=[case.id])


def enter(client, user):
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    client.force_login(user)
    return client


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


def operator(name, role):
    return operators.make_operator(
        email=f"{name}@example.org", name=name.title(), role=role, language="en"
    )


@pytest.fixture
def otto(db):
    return operator("otto", Role.CRISIS_RESPONDER)


@pytest.fixture
def olga(db):
    return operator("olga", Role.CRISIS_RESPONDER)


@pytest.fixture
def chat(db):
    now = timezone.now()
    return services.start_conversation(user=cast.ada(now), persona="mei", now=now)


@pytest.fixture
def say(chat):
    def accept(text):
        now = timezone.now()
        subject = subject_for(chat.user, now)
        services.accept(
            subject=subject,
            conversation_id=chat.id,
            client_id=uuid4(),
            text=text,
            verdict=gate.check_input(text, subject),
            cursor="0-0",
            now=now,
        )

    return accept


@pytest.fixture
def case(say):
    """Ada is in danger; nobody has come."""
    say(DANGER)
    return Incident.objects.get()


@pytest.fixture
def mine(client, otto, case):
    """Otto's browser; he holds the case."""
    browser = enter(client, otto)
    assert browser.post(url("claim", case)).headers["Location"] == url("file", case)
    return browser


def entries(chat, act):
    return AuditEntry.objects.filter(chain=str(chat.user_id), act=act)


def pulse(browser, case, **fields):
    return browser.post(url("pulse", case), {"after": 0, "seen": 0, **fields})


# --- Who


@pytest.mark.parametrize("name", ["file", "claim", "pulse", "say", "close", "note"])
def test_a_user_does_not_come_in(client, chat, case, name):
    client.force_login(chat.user)
    for act in (client.get, client.post):
        assert (
            act(url(name, case)).headers["Location"].startswith(reverse("admin:login"))
        )
    case.refresh_from_db()
    assert case.claimed_by is None


def test_a_moderator_sees_the_queue_and_takes_nothing(client, case):
    browser = enter(client, operator("mo", Role.MODERATOR))
    page = words(browser.get(QUEUE))
    assert case.code in page
    assert DANGER not in page
    assert "Take the next case" not in page
    assert browser.post(NEXT).status_code == 403
    assert browser.post(url("claim", case)).status_code == 403
    assert DANGER not in words(browser.get(url("file", case)))
    case.refresh_from_db()
    assert case.state == IncidentState.OPEN


def test_an_act_is_a_post_with_the_token_of_the_page(client, otto, case):
    browser = enter(client, otto)
    assert browser.get(NEXT).status_code == 404
    assert browser.get(url("claim", case)).status_code == 404
    browser.handler.enforce_csrf_checks = True
    assert browser.post(NEXT).status_code == 403


# --- The queue


def test_the_queue_rings_and_holds_no_word(client, otto, case):
    browser = enter(client, otto)
    page = words(browser.get(LIVE))
    assert f'data-rings="{case.id}"' in page
    assert "Nobody is on duty." in page
    assert DANGER not in page
    assert Presence.objects.get().operator == otto.id
    assert "Consoles open: Otto." in page


def test_an_empty_queue_says_so(client, otto):
    assert "No case is open." in words(enter(client, otto).get(QUEUE))


def test_the_queue_in_chinese(client, otto, case):
    otto.language = "zh-hans"
    otto.save()
    browser = enter(client, otto)
    browser.cookies["django_language"] = "zh-hans"
    page = words(browser.get(QUEUE))
    for said in ("现在无人值班。", "接手下一个个案", "成年人"):
        assert said in page


@pytest.mark.obligation("CN-17")
def test_the_next_case_is_the_gravest_and_two_never_hold_one(client, otto, olga, case):
    first = cases.claim(operator=otto, now=timezone.now())
    assert first.incident.id == case.id
    browser = enter(client, olga)
    answer = browser.post(url("claim", case), follow=True)
    assert "Somebody else has this case by now." in words(answer)
    case.refresh_from_db()
    assert case.claimed_by == otto.id


# --- One case


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


def test_the_person_finds_on_their_own_page_what_was_done(mine, client, case, chat):
    mine.get(url("file", case))
    mine.post(url("note", case), {"kind": "call", "text": "Nobody answered."})
    mine.post(url("close", case), {"reason": "safe", "note": "secret of the team"})
    ada = type(client)()
    ada.force_login(chat.user)
    page = words(ada.get(reverse("record")))
    for said in (
        "A message sounded like immediate danger to a life.",
        "our team was asked to send a person.",
        "Otto from our team took this on.",
        "Otto from our team read this conversation.",
        "Otto from our team made a telephone call for you.",
        "Otto from our team closed this: the person is safe now.",
    ):
        assert said in page
    for hidden in (DANGER, "secret of the team", "Nobody answered", "@example.org"):
        assert hidden not in page


def test_the_page_of_another_person_is_empty(client, case):
    client.force_login(cast.wen(timezone.now()))
    client.cookies["django_language"] = "zh-hans"
    page = words(client.get(reverse("record")))
    assert case.code not in page
    assert "目前没有记录" in page


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
