"""The door of the operator console: nobody comes in without a second factor."""

import pytest
from django.urls import reverse

from companion.models import Author, Message
from companion.services import start_conversation

pytestmark = pytest.mark.django_db
SECRET = "The green boat."


def test_a_stranger_is_sent_to_the_ordinary_sign_in(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_a_user_does_not_come_in(client, ada):
    client.force_login(ada)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


@pytest.mark.obligation("CN-09")
def test_an_operator_without_a_second_factor_is_sent_to_set_one_up(client, otto):
    client.force_login(otto)
    for page in ("admin:index", "admin:accounts_user_changelist"):
        answer = client.get(reverse(page), follow=True)
        first = answer.redirect_chain[0][0]
        assert first.startswith(reverse("admin:login"))
        assert reverse("mfa_activate_totp") in str(answer.redirect_chain)


def test_with_one_the_console_opens(console):
    assert console.get(reverse("admin:index")).status_code == 200


@pytest.mark.obligation("CN-24")
def test_the_console_shows_that_a_chat_exists_and_not_a_word_of_it(console, ada, now):
    chat = start_conversation(user=ada, persona="mei", now=now)
    Message.written(conversation=chat, author=Author.USER, text=SECRET, at=now)
    chat.name_it(SECRET)
    chat.save()
    for page in (
        reverse("admin:companion_conversation_changelist"),
        reverse("admin:companion_conversation_change", args=[chat.id]),
        reverse("admin:vault_auditentry_changelist"),
    ):
        answer = console.get(page)
        assert answer.status_code == 200
        assert "boat" not in answer.content.decode()


@pytest.mark.parametrize("act", ["add", "delete", "change"])
def test_nobody_writes_into_the_audit_chain(console, ada, now, act):
    start_conversation(user=ada, persona="mei", now=now)
    args = [] if act == "add" else [1]
    page = reverse(f"admin:vault_auditentry_{act}", args=args)
    assert console.post(page, {"act": "forged"}).status_code in {302, 403}
