"""The screens of the gate as a browser without scripts sees them."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts import agreement
from accounts.models import User
from tests.accounts import cast

pytestmark = pytest.mark.django_db
ABOUT = {
    "year": "1992",
    "month": "3",
    "day": "4",
    "region": "GB",
    "language": "en",
    "time_zone": "Europe/London",
}


@pytest.fixture
def walker(client):
    """Ada, signed in, with only her address confirmed."""
    client.force_login(cast.sign_up("ada"))
    return client


def at(response):
    return response.headers["Location"]


def accept(client):
    return client.post(
        reverse("welcome_agreement"), {"version": agreement.VERSION, "agreed": "on"}
    )


@pytest.mark.obligation("CN-13")
def test_four_screens_lead_to_the_chat(walker):
    steps = [
        at(walker.get(reverse("welcome"))),
        at(accept(walker)),
        at(walker.post(reverse("welcome_about"), ABOUT)),
        at(
            walker.post(
                reverse("welcome_contact"), {"name": "Gil", "email": "gil@x.org"}
            )
        ),
    ]
    assert steps == [
        reverse("welcome_agreement"),
        reverse("welcome_about"),
        reverse("welcome_contact"),
        reverse("chat"),
    ]


def test_each_screen_says_where_it_stands(walker):
    pages = [walker.get(reverse("welcome_agreement")).content.decode()]
    accept(walker)
    pages.append(walker.get(reverse("welcome_about")).content.decode())
    walker.post(reverse("welcome_about"), ABOUT)
    pages.append(walker.get(reverse("welcome_contact")).content.decode())
    assert [f"Step {n} of 4" in page for n, page in zip((2, 3, 4), pages, strict=True)]


def test_nobody_skips_a_step(walker):
    ahead = [at(walker.get(reverse(f"welcome_{n}"))) for n in ("about", "contact")]
    assert ahead == [reverse("welcome_agreement")] * 2
    posted = walker.post(
        reverse("welcome_contact"), {"name": "Gil", "email": "g@x.org"}
    )
    assert at(posted) == reverse("welcome_agreement")
    assert not User.objects.get(email="ada@example.org").contacts.exists()


def test_back_shows_what_was_accepted(walker):
    accept(walker)
    page = walker.get(reverse("welcome_agreement")).content.decode()
    assert "You agreed to this version on" in page
    assert 'name="agreed"' not in page


def test_without_the_tick_the_error_is_in_words(walker):
    page = walker.post(reverse("welcome_agreement"), {"version": agreement.VERSION})
    assert "To go on, tick the box." in page.content.decode()


def test_an_old_text_in_an_open_tab_is_shown_anew(walker):
    old = walker.post(reverse("welcome_agreement"), {"version": "0", "agreed": "on"})
    assert at(old) == reverse("welcome_agreement")
    assert not User.objects.get().acceptances.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day": "31", "month": "2"}, "This day does not exist."),
        ({"year": "92"}, "Check the year."),
        ({"year": "2093"}, "Check the year."),
        ({"year": "2026", "month": "12", "day": "31"}, "This day has not come yet."),
        ({"region": "XX"}, "Select a valid choice."),
    ],
)
def test_mistakes_are_told_and_nothing_is_lost(walker, wrong, words):
    accept(walker)
    page = walker.post(reverse("welcome_about"), ABOUT | wrong).content.decode()
    assert words in page
    assert 'value="Europe/London" selected' in page
    assert User.objects.get().birth_date is None


@pytest.mark.obligation("CN-21")
def test_going_back_cannot_change_the_birth_date(walker):
    accept(walker)
    walker.post(reverse("welcome_about"), ABOUT)
    page = walker.get(reverse("welcome_about")).content.decode()
    assert 'name="year"' not in page
    walker.post(reverse("welcome_about"), ABOUT | {"year": "2012"})
    assert User.objects.get().birth_date == date(1992, 3, 4)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "Gil"}, "Give an e-mail address or a phone number."),
        ({"name": "Ada", "email": "ADA@example.org"}, "This is your own address."),
        ({"name": "Gil", "phone": "12"}, "This is not a phone number we can call."),
    ],
)
def test_a_contact_must_be_somebody_who_can_be_reached(walker, given, words):
    accept(walker)
    walker.post(reverse("welcome_about"), ABOUT)
    page = walker.post(reverse("welcome_contact"), given).content.decode()
    assert words in page
    assert f'value="{given["name"]}"' in page


def test_a_phone_number_is_kept_in_the_form_every_country_can_call(walker):
    accept(walker)
    walker.post(reverse("welcome_about"), ABOUT | {"region": "CN"})
    walker.post(reverse("welcome_contact"), {"name": "Gil", "phone": "138 0013 8000"})
    assert User.objects.get().contacts.get().phone == "+8613800138000"


@pytest.mark.obligation("CN-19", "CN-20")
def test_a_child_names_a_guardian_with_an_address_and_then_waits(walker):
    accept(walker)
    walker.post(reverse("welcome_about"), ABOUT | {"year": "2014"})
    by_phone = {"name": "Gil", "phone": "020 7946 0018"}
    assert (
        "required" in walker.post(reverse("welcome_contact"), by_phone).content.decode()
    )
    named = walker.post(reverse("welcome_contact"), {"name": "Gil", "email": "g@x.org"})
    assert at(named) == reverse("welcome_waiting")
    page = walker.get(reverse("welcome_waiting")).content.decode()
    assert "the chat stays closed" in page
    assert reverse("help") in page
    assert at(walker.get(reverse("chat"))) == reverse("welcome_waiting")


def test_the_browsers_time_zone_is_offered_by_a_module_not_by_inline_script(walker):
    accept(walker)
    page = walker.get(reverse("welcome_about")).content.decode()
    assert 'type="module" src="/static/js/timezone.js"' in page
    assert 'value="UTC" selected' in page


def test_strangers_are_sent_to_sign_in(client):
    asked = client.get(reverse("welcome_about"))
    assert at(asked) == f"{reverse('account_login')}?next={reverse('welcome_about')}"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_the_notice_leads_nowhere_else(client, ada, target):
    client.force_login(ada)
    answered = client.post(reverse("notice_acknowledge"), {"next": target})
    assert at(answered) == reverse("chat")


def test_the_notice_leads_back(client, ada):
    client.force_login(ada)
    answered = client.post(reverse("notice_acknowledge"), {"next": "/settings/"})
    assert at(answered) == "/settings/"


def test_a_form_without_its_token_is_refused_with_words(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    refused = strict.post(reverse("notice_acknowledge"))
    assert refused.status_code == 403
    assert "This form was open for too long" in refused.content.decode()
    assert reverse("help") in refused.content.decode()
