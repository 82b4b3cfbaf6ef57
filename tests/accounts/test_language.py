import pytest
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


def switch(client, language, target="/help/"):
    return client.post(reverse("language"), {"language": language, "next": target})


def test_the_switch_changes_the_page_and_the_person(client, ada):
    client.force_login(ada)
    answer = switch(client, "zh-hans", "/settings/")
    assert answer.headers["Location"] == "/settings/"
    assert User.objects.get(pk=ada.pk).language == "zh-hans"
    page = client.get("/settings/").content.decode()
    assert 'lang="zh-hans"' in page.lower()


def test_strangers_switch_too(client, db):
    answer = switch(client, "zh-hans")
    assert answer.cookies["django_language"]["max-age"] == 31_536_000
    page = client.get(reverse("account_login")).content.decode()
    assert "登录" in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x"])
def test_the_switch_leads_nowhere_else(client, db, target):
    assert switch(client, "en", target).headers["Location"] == "/"


def test_a_language_that_does_not_exist_changes_nothing(client, ada):
    client.force_login(ada)
    switch(client, "xx")
    assert User.objects.get(pk=ada.pk).language == "en"


def test_a_link_cannot_switch(client, db):
    assert client.get(reverse("language")).status_code == 405
