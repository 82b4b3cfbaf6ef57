"""The person's own page: what was done for them and why."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.accounts import cast
from tests.companion.console.hands import DANGER, url, words

pytestmark = pytest.mark.django_db


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
