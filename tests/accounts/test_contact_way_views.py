"""The page on which a contact says by what they are told, and when."""

import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts import (
    contact_links,
    contact_routes,
)
from accounts.models import ContactLink, LinkPurpose
from accounts.refusal import LinkEnded
from tests.accounts.ways import (
    MAIL,
    NUMBER,
    arrived,
    code_in,
    known,
    run,
    way,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_gateway", "today")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "An emergency rings at any hour."),
        ("zh-hans", "紧急通知任何时候都会发出。"),
    ],
)
def test_the_page_opens_in_both_languages_and_changes_nothing(
    client, gil, page, language, said
):
    client.cookies["django_language"] = language
    before = known(gil)
    for _ in range(50):
        shown = client.get(page)
        client.head(page)
    assert said in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert known(gil) == before


def test_without_a_gateway_nobody_is_asked_for_a_number(client, gil, page):
    assert 'value="phone"' not in client.get(page).content.decode()
    form = {"answer": "add", "kind": "phone", "address": NUMBER}
    assert "field__error" in client.post(page, form).content.decode()
    assert known(gil) == [MAIL]


def test_a_number_is_added_proved_and_tried_first_on_the_page(
    client, gil, page, now, gateway
):
    assert 'value="phone"' in client.get(page).content.decode()
    form = {"answer": "add", "kind": "phone", "address": "07911 123456"}
    assert client.post(page, form, follow=True).status_code == 200
    run(now)
    ((place, words),) = arrived(gateway)
    assert place == f"/sms/{NUMBER}"
    sms = way(gil, "sms").id
    wrong = client.post(page, {"answer": "prove", "way": sms, "code": "1"}, follow=True)
    assert "This is not the code" in wrong.content.decode()
    right = client.post(
        page, {"answer": "prove", "way": sms, "code": code_in(words)}, follow=True
    ).content.decode()
    assert right.count('data-way="proved"') == 3
    assert NUMBER not in right
    client.post(page, {"answer": "first", "way": sms})
    assert known(gil)[0] == ("sms", "confirmed")
    client.post(page, {"answer": "remove", "way": sms})
    assert [channel for channel, _ in known(gil)] == ["mail", "voice"]


def test_what_is_wrong_is_said_on_the_page(client, gil, page, gateway):
    for form in (
        {"answer": "add", "kind": "phone", "address": "12"},
        {"answer": "add", "kind": "mail", "address": "nobody"},
        {"answer": "add", "kind": "mail", "address": "gil@example.org"},
        {"answer": "add", "kind": "messenger", "address": "jsons://example.org"},
        {"answer": "hours", "quiet_from": "22:00", "time_zone": "UTC"},
        {"answer": "hours", "time_zone": "Mars/Base"},
    ):
        assert "field__error" in client.post(page, form).content.decode()
    unknown = {"answer": "remove", "way": uuid4()}
    assert "cannot be done" in client.post(page, unknown, follow=True).content.decode()
    assert client.post(page, {"answer": "first", "way": "x"}).status_code == 404
    assert known(gil) == [MAIL]


def test_hours_are_set_on_the_page(client, gil, page):
    shown = client.get(page).content.decode()
    assert ('value="22:00"' in shown, 'value="07:00"' in shown) == (True, True)
    form = {"answer": "hours", "quiet_from": "21:30", "quiet_until": "08:00"}
    client.post(page, form | {"time_zone": "Asia/Shanghai"})
    hours = contact_routes.hours(gil)
    assert hours == ((time(21, 30), time(8)), "Asia/Shanghai")
    client.post(page, {"answer": "hours", "time_zone": "Asia/Shanghai"})
    assert contact_routes.hours(gil) == (None, "Asia/Shanghai")


def test_who_has_just_agreed_comes_to_the_page_for_a_day(client, ada, now):
    link = ContactLink.objects.get(contact__user=ada)
    agree = reverse(
        "contact_invitation", args=[contact_links.issue(link=link, now=now)]
    )
    shown = client.post(agree, {"answer": "yes"}).content.decode()
    page = re.search(r'href="(/contact/standing/[\w-]+/ways/)"', shown)[1]
    assert client.get(page).status_code == 200
    token = page.split("/")[3]
    with pytest.raises(LinkEnded):
        contact_links.find(token, LinkPurpose.MANAGE, now + timedelta(days=1))
