import pytest
from django.urls import reverse

from accounts.models import User
from safety import texts
from tests.accounts import cast

pytestmark = pytest.mark.django_db
PLACE = {"region": "SG", "language": "zh-hans", "time_zone": "Asia/Singapore"}


@pytest.fixture
def signed_in(client, ada):
    """Signed in and asked for the password just now, so that nothing asks again."""
    client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    return client


@pytest.mark.obligation("CN-29")
def test_settings_show_what_is_known_and_the_ai_notice(signed_in, ada):
    page = signed_in.get(reverse("settings")).content.decode()
    shown = ("ada@example.org", "United Kingdom", "Europe/London", "gil@example.org")
    assert [word for word in shown if word not in page] == []
    assert texts.get("notice.login", "en").body.splitlines()[0][:40] in page


@pytest.mark.obligation("CN-22")
def test_larger_text_is_one_press_and_is_kept(signed_in, ada):
    signed_in.post(
        reverse("settings_presentation"), {"display_name": "Ada", "text_size": "large"}
    )
    ada.refresh_from_db()
    assert (ada.display_name, ada.text_size) == ("Ada", "large")


def test_place_and_language_change_together_with_the_page(signed_in, ada):
    answer = signed_in.post(reverse("settings_place"), PLACE)
    ada.refresh_from_db()
    assert (ada.region, ada.language, ada.time_zone) == tuple(PLACE.values())
    assert answer.cookies["django_language"].value == "zh-hans"


def test_the_birth_date_is_not_among_what_one_can_change(signed_in, ada):
    before = ada.birth_date
    signed_in.post(
        reverse("settings_place"),
        PLACE | {"year": "2012", "month": "1", "day": "1", "birth_date": "2012-01-01"},
    )
    assert User.objects.get(pk=ada.pk).birth_date == before


def test_changing_the_contact_asks_for_the_password_again(client, ada):
    client.force_login(ada)
    asked = client.get(reverse("settings_contact"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    posted = client.post(
        reverse("settings_contact"), {"name": "Mallory", "email": "m@x.org"}
    )
    assert posted.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert ada.contacts.count() == 1


def test_an_adult_names_somebody_else(signed_in, ada):
    answer = signed_in.post(
        reverse("settings_contact"), {"name": "Wen", "email": "wen@x.org"}
    )
    assert answer.headers["Location"] == reverse("settings")
    assert ada.contacts.get(state="invited").name == "Wen"


@pytest.mark.obligation("CN-20")
def test_a_minor_is_shown_who_can_change_the_guardian(client, mina):
    client.post(
        reverse("account_login"), {"login": mina.email, "password": cast.PASSWORD}
    )
    client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD})
    refused = client.post(
        reverse("settings_contact"), {"name": "Mallory", "email": "m@x.org"}
    )
    assert refused.status_code == 403
    assert reverse("help") in refused.content.decode()
    assert mina.contacts.count() == 1


@pytest.mark.parametrize(
    "name",
    [
        "settings",
        "settings_presentation",
        "settings_place",
        "settings_contact",
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "usersessions_list",
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_behind_the_settings_opens(signed_in, name, language):
    signed_in.post(reverse("language"), {"language": language, "next": "/"})
    page = signed_in.get(reverse(name))
    assert page.status_code == 200
    assert "<h1" in page.content.decode()
    assert 'style="' not in page.content.decode()


def test_other_sessions_are_signed_out_at_once(client, signed_in, ada):
    """`client` and `signed_in` are one browser; the second one is Ada's phone."""
    phone = client.__class__()
    phone.force_login(ada)
    phone.get(reverse("settings"))
    signed_in.get(reverse("settings"))
    signed_in.post(reverse("usersessions_list"))
    assert phone.get(reverse("settings")).status_code == 302
    assert signed_in.get(reverse("settings")).status_code == 200


def test_a_new_password_ends_all_sessions(client, signed_in, ada):
    phone = client.__class__()
    phone.force_login(ada)
    signed_in.post(
        reverse("account_change_password"),
        {
            "oldpassword": cast.PASSWORD,
            "password1": "a-new-pass-phrase",
            "password2": "a-new-pass-phrase",
        },
    )
    ended = [
        browser.get(reverse("settings")).status_code for browser in (phone, client)
    ]
    assert ended == [302, 302]
