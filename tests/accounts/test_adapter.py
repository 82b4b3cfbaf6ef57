"""Sign-up, sign-in and what allauth does for us, over the real pages."""

import re
from email import message_from_bytes

import pytest
from django.urls import reverse
from django.utils.translation import gettext, override

from accounts.models import User
from tests.accounts import cast

pytestmark = pytest.mark.django_db
NEW = {"email": "mallory@example.org", "password1": cast.PASSWORD}


def body(text):
    message = message_from_bytes(text.split("\n" + "-" * 79)[0].encode())
    return message.get_payload(decode=True).decode()


def code_in(text):
    return re.search(r"^([A-Z0-9-]{6,})$", body(text), re.MULTILINE).group(1)


def link_in(text):
    return re.search(r"http://\S+(/accounts/\S+)", body(text)).group(1)


@pytest.mark.obligation("CN-13")
def test_sign_up_asks_for_the_code_and_then_for_the_agreement(client, mail):
    sent = client.post(reverse("account_signup"), NEW)
    assert sent.headers["Location"] == reverse("account_email_verification_sent")
    page = client.get(sent.headers["Location"]).content.decode()
    assert "mail is not sent but written to a folder" in page
    assert "mallory@example.org" in page
    done = client.post(sent.headers["Location"], {"code": code_in(mail()[-1])})
    assert done.headers["Location"] == reverse("welcome")
    assert User.objects.get().emailaddress_set.get().verified
    assert client.get(reverse("chat")).headers["Location"] == reverse(
        "welcome_agreement"
    )


def test_the_folder_is_named_only_where_mail_is_written_to_one(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(reverse("account_signup"), NEW)
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    assert "written to a folder" not in page


def test_sign_up_in_chinese_makes_a_chinese_account_with_chinese_mail(client, mail):
    client.post(reverse("account_signup"), NEW, HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert User.objects.get().language == "zh-hans"
    with override("zh-hans"):
        assert gettext("If it was not you, there is nothing you need to do.") in body(
            mail()[-1]
        )


def test_password_errors_are_chinese_on_a_chinese_page(client):
    page = client.post(
        reverse("account_signup"),
        NEW | {"password1": "12345678"},
        HTTP_ACCEPT_LANGUAGE="zh-CN",
    ).content.decode()
    assert "密码" in page
    assert "This password" not in page
    assert not User.objects.exists()


def test_sign_up_does_not_tell_who_has_an_account(client, mail, ada):
    known = client.post(reverse("account_signup"), NEW | {"email": ada.email})
    unknown = client.post(reverse("account_signup"), NEW)
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    told = [text for text in mail() if f"To: {ada.email}" in text]
    assert "There is one already" in body(told[0])


def test_password_reset_does_not_tell_who_has_an_account(client, mail, ada):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in (ada.email, "nobody@example.org")
    ]
    assert [(a.status_code, a.headers["Location"]) for a in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2


def test_password_reset_goes_through_the_folder_and_works_once(client, mail, ada):
    client.post(reverse("account_reset_password"), {"email": ada.email})
    page = client.get(reverse("account_reset_password_done")).content.decode()
    assert "written to a folder" in page
    link = link_in(mail()[-1])
    form = client.get(link).headers["Location"]
    client.post(
        form, {"password1": "a-new-pass-phrase", "password2": "a-new-pass-phrase"}
    )
    ada.refresh_from_db()
    assert ada.check_password("a-new-pass-phrase")
    again = client.get(link)
    assert "This link no longer works" in again.content.decode()


def test_sign_in_brings_the_persons_language_back(client, mina):
    answer = client.post(
        reverse("account_login"), {"login": mina.email, "password": cast.PASSWORD}
    )
    assert answer.headers["Location"] == reverse("chat")
    assert answer.cookies["django_language"].value == "zh-hans"
    assert 'lang="zh-hans"' in client.get(reverse("settings")).content.decode().lower()


def test_an_operator_is_led_to_the_console(client, otto):
    answer = client.post(
        reverse("account_login"), {"login": otto.email, "password": cast.PASSWORD}
    )
    assert answer.headers["Location"] == reverse("admin:index")


@pytest.mark.obligation("CN-43")
def test_closed_registration_says_so_and_leaves_sign_in_alone(client, settings, ada):
    settings.REGISTRATION_OPEN = False
    page = client.get(reverse("account_signup")).content.decode()
    assert "New accounts cannot be made at the moment" in page
    client.post(reverse("account_signup"), NEW)
    assert not User.objects.filter(email=NEW["email"]).exists()
    signed_in = client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    assert signed_in.status_code == 302


def test_guessing_passwords_is_slowed_down_with_words(client, ada):
    wrong = {"login": ada.email, "password": "wrong"}
    pages = [client.post(reverse("account_login"), wrong) for _ in range(6)]
    assert "Too many failed login attempts" in pages[-1].content.decode()
    right = client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    assert right.status_code == 200


def test_too_many_requests_get_a_calm_page_with_the_way_to_help(client):
    ask = {"email": "nobody@example.org"}
    for _ in range(25):
        answer = client.post(reverse("account_reset_password"), ask)
    assert answer.status_code == 429
    assert "Please wait a moment" in answer.content.decode()
    assert reverse("help") in answer.content.decode()


def test_a_sign_in_makes_a_new_session(client, ada):
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    assert client.session.session_key != before


@pytest.mark.obligation("US-CA-5")
@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_the_door_says_that_it_may_not_suit_some_minors(client, name):
    assert (
        "may not be suitable for some minors"
        in client.get(reverse(name)).content.decode()
    )
