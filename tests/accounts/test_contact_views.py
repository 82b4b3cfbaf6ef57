"""The pages of contacts, as somebody without an account meets them."""

import pytest
from django.urls import reverse

from accounts import contact_links
from accounts.models import ContactLink, LinkPurpose
from tests.accounts import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(ada, now):
    """The address of the page that asks Gil."""
    return _address(ada, LinkPurpose.INVITE, "contact_invitation", now)


def _address(user, purpose, name, now):
    link = ContactLink.objects.filter(
        contact__user=user, purpose=purpose, used_at=None
    ).latest("id")
    return reverse(name, args=[contact_links.issue(link=link, now=now)])


@pytest.fixture
def agreed_page(client, ada, page, now):
    client.post(page, {"answer": "yes"})
    return _address(ada, LinkPurpose.MANAGE, "contact_standing", now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    """The pages are opened on the day of the cast."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.mark.obligation("CN-13")
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "You take on no duty."), ("zh-hans", "你不承担任何义务。")],
)
def test_the_page_says_what_it_is_about_in_both_languages(
    client, page, ada, language, said
):
    client.cookies["django_language"] = language
    shown = client.get(page)
    text = shown.content.decode()
    assert said in text
    assert "ada@example.org" in text  # Ada has given no name: her address stands in
    assert "no-store" in shown.headers["Cache-Control"]
    assert 'style="' not in text


@pytest.mark.obligation("CN-13")
def test_a_hundred_openings_by_a_mail_scanner_answer_nothing(client, page, ada):
    for _ in range(50):
        client.get(page)
        client.head(page)
    assert ada.contacts.get().state == "invited"
    client.post(page, {"answer": "yes"})
    assert ada.contacts.get().state == "confirmed"


def test_a_post_without_an_answer_asks_again(client, page, ada):
    assert client.post(page, {"answer": "maybe"}).status_code == 200
    assert ada.contacts.get().state == "invited"


def test_an_ended_link_and_one_that_never_was_look_the_same(client, page):
    client.post(page, {"answer": "no"})
    ended = client.get(page)
    unknown = client.get(reverse("contact_invitation", args=["x" * 43]))
    assert (ended.status_code, unknown.status_code) == (404, 404)
    assert [word for word in ("Gil", "ada@") if word in ended.content.decode()] == []


def test_the_language_of_the_page_becomes_that_of_the_contact(client, page, ada):
    client.cookies["django_language"] = "zh-hans"
    client.post(page, {"answer": "yes"})
    assert ada.contacts.get().language == "zh-hans"


def test_stopping_is_one_press(client, agreed_page, ada):
    assert client.get(agreed_page).status_code == 200
    assert client.post(agreed_page, {"answer": "stop"}).status_code == 200
    assert ada.contacts.get().state == "stopped"
    assert client.get(agreed_page).status_code == 404


def test_handing_over_asks_for_a_name_and_an_address(client, agreed_page, ada):
    empty = client.post(agreed_page, {"answer": "hand_over", "name": "Vera"})
    assert "field__error" in empty.content.decode()
    full = {"answer": "hand_over", "name": "Vera", "email": "vera@example.org"}
    client.post(agreed_page, full)
    states = sorted(ada.contacts.values_list("state", flat=True))
    assert states == ["confirmed", "invited"]


def test_too_many_proposals_are_refused_in_words(client, agreed_page, ada):
    for number in range(3):
        email = f"v{number}@example.org"
        full = {"answer": "hand_over", "name": "Vera", "email": email}
        last = client.post(agreed_page, full)
    assert "until tomorrow" in last.content.decode()
    assert ada.contacts.filter(state="invited").count() == 1


@pytest.mark.parametrize("name", ["see www.shop.example", "a@b.org", "http://x"])
def test_a_name_carries_no_address(client, ada, name):
    client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    answer = client.post(
        reverse("settings_contact"),
        {"name": "Vera", "email": "vera@example.org", "known_as": name},
    )
    assert "without an address or a link" in answer.content.decode()
    assert ada.contacts.count() == 1


@pytest.mark.obligation("CN-13")
def test_the_person_sees_how_it_stands(client, ada, page):
    client.force_login(ada)
    waiting = client.get(reverse("settings")).content.decode()
    assert 'data-contact="invited"' in waiting
    assert "Send the invitation again" in waiting
    client.post(page, {"answer": "yes"})
    agreed = client.get(reverse("settings")).content.decode()
    assert 'data-contact="confirmed"' in agreed
    assert "Send the invitation again" not in agreed


def test_asking_again_from_the_settings_has_an_end(client, ada):
    client.force_login(ada)
    again = [
        client.post(
            reverse("settings_contact_again", args=[0]), follow=True
        ).content.decode()
        for _ in range(3)
    ]
    assert ["on its way" in text for text in again] == [True, True, False]
    assert "until tomorrow" in again[-1]
