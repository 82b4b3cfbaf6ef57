"""The queue: who comes in, what rings, who gets a case; no word of a person in it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from companion.cases import queue
from companion.services import cases
from safety.models import IncidentState, Presence
from tests.companion.console.hands import (
    DANGER,
    LIVE,
    NEXT,
    QUEUE,
    enter,
    operator,
    pulse,
    url,
    words,
)

pytestmark = pytest.mark.django_db


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


def test_the_queue_rings_and_holds_no_word(client, otto, case):
    browser = enter(client, otto)
    page = words(browser.get(LIVE))
    assert f'data-rings="{case.id}"' in page
    assert "Nobody is on duty." in page
    assert DANGER not in page
    assert Presence.objects.get().operator == otto.id
    assert "Consoles open: Otto." in page


@pytest.mark.parametrize(
    ("language", "region"), [("en", "United Kingdom"), ("zh-hans", "英国")]
)
def test_the_queue_names_the_region_in_the_language_of_the_operator(
    client, otto, case, language, region
):
    otto.language = language
    otto.save()
    browser = enter(client, otto)
    assert f" · {region} · " in words(browser.get(LIVE))


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=26, minutes=5), "26 h 5 min"),
    ],
)
def test_how_long_a_case_waits_is_said_in_hours_from_the_first_on(
    otto, case, waited, said
):
    (line,) = queue(otto, case.opened_at + waited).lines
    assert line.age == said


def test_a_case_that_was_passed_on_rings_until_its_page_is_open(
    mine, client, case, olga
):
    other = enter(type(client)(), olga)
    mine.get(url("file", case))
    mine.post(url("transfer", case), {"to": olga.id})
    assert rings(other) == rings(mine) == ""  # she has five seconds
    passes(case, seconds=6)
    assert (rings(other), rings(mine)) == (str(case.id), "")
    other.get(url("file", case))
    pulse(other, case, renew="1")
    assert rings(other) == ""


def rings(browser):
    return re.search(r'data-rings="([^"]*)"', browser.get(LIVE).content.decode())[1]


def passes(case, seconds):
    """As if the lease had been renewed so much earlier."""
    case.refresh_from_db()
    case.lease_until -= timedelta(seconds=seconds)
    case.save(update_fields=["lease_until"])


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
