"""The page behind a notice: guidance and a button, in the language of its reader."""

from datetime import timedelta

import pytest
from django.urls import reverse

from safety import deliveries
from safety.models import Delivery, RouteState
from tests.safety import cast, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(now, monkeypatch):
    """A notice about Ada to Gil; the pages are opened on the same day."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return deliveries.enqueue(
        route=people.contact_route(), template="contact.notice", now=now
    )


@pytest.fixture
def page(told):
    return reverse("notice", args=[deliveries.ack_token(told)])


@pytest.mark.obligation("CN-16")
def test_a_hundred_openings_by_a_mail_scanner_acknowledge_nothing(client, told, page):
    for _ in range(50):
        assert client.get(page).status_code == 200
        client.head(page)
    told.refresh_from_db()
    assert (told.state, told.acked_at) == ("pending", None)


@pytest.mark.obligation("CN-16")
def test_the_button_acknowledges_and_says_so(client, told, page, now):
    before = client.get(page).content.decode()
    after = client.post(page).content.decode()
    told.refresh_from_db()
    assert (told.state, told.acked_at) == ("acked", now)
    assert ("data-acknowledge" in before, "data-read" in before) == (True, False)
    assert ("data-acknowledge" in after, "data-read" in after) == (False, True)
    assert "data-read" in client.post(page).content.decode()


def test_a_form_of_another_site_acknowledges_nothing(told, page):
    from django.test import Client  # noqa: PLC0415 - one that checks the token

    assert Client(enforce_csrf_checks=True).post(page).status_code == 403
    told.refresh_from_db()
    assert told.acked_at is None


@pytest.mark.parametrize("token", ["x", "0" * 64])
def test_a_guessed_link_shows_nothing(client, told, token):
    page = client.get(reverse("notice", args=[token]))
    assert page.status_code == 404
    assert "Gil" not in page.content.decode()


def test_a_link_ends_after_a_day(client, told, page, now, monkeypatch):
    late = now + timedelta(hours=24)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404
    told.refresh_from_db()
    assert told.acked_at is None


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Please get in touch now"), ("zh-hans", "请马上联系TA")],
)
def test_the_page_speaks_the_language_of_the_notice(client, told, page, language, said):
    Delivery.objects.update(language=language)
    shown = client.get(page)
    assert said in shown.content.decode()
    assert f'lang="{language}"' in shown.content.decode()
    client.cookies["django_language"] = "en"
    assert "Please get in touch now" in client.get(page).content.decode()


@pytest.mark.obligation("CN-16")
def test_the_page_shows_the_numbers_of_the_region_and_no_reason(
    client, now, monkeypatch
):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    people.contact_route(state=RouteState.CONFIRMED)
    incident = people.signal(now)
    told = deliveries.enqueue(
        route=people.contact_route(owner=people.GRETE),
        template="guardian.notice",
        incident=incident,
        now=now,
    )
    page = client.get(reverse("notice", args=[deliveries.ack_token(told)]))
    text = page.content.decode()
    assert incident.code in text
    assert 'href="tel:' in text
    shown = [word for word in (*incident.reasons, str(cast.ADA.id)) if word in text]
    assert shown == []
