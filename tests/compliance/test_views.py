"""The public page. No test here may touch a database: the page must not either."""

import re

import pytest
from django.urls import reverse

from compliance import views
from compliance.report import State


@pytest.fixture(autouse=True)
def _plain_static(settings, tmp_path):
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    }


def shown(client, query="", language="en"):
    page = client.get(reverse("compliance") + query, HTTP_ACCEPT_LANGUAGE=language)
    assert page.status_code == 200
    return page.content.decode()


def rows(page):
    return re.findall(r'<article [^>]*id="([^"]+)"', page)


def test_every_row_is_on_the_page(client):
    page = shown(client)
    assert rows(page) == [entry.row.id for entry in views.current().entries]
    assert "Leaving is easy" in page and "art. 19 (draft art. 18)" in page
    assert "China: neighbouring rules" in page and "European Union" in page
    assert 'style="' not in page


def test_the_chinese_page_is_chinese(client):
    page = shown(client, language="zh-CN")
    assert "便捷退出" in page and "第十九条（征求意见稿第十八条）" in page
    assert "Leaving is easy" not in page and "Missing:" not in page


@pytest.mark.parametrize("state", list(State))
def test_one_state_can_be_picked_by_a_plain_link(client, state):
    page = shown(client, f"?state={state}")
    picked = [e.row.id for e in views.current().entries if e.state is state]
    assert rows(page) == picked
    assert set(re.findall(r'data-state="(\w+)"', page)) <= {state.value}
    assert re.search(rf'\?state={state}"\s+aria-current="page"', page)
    assert f'href="{reverse("compliance")}?state=open"' in page


def test_an_unknown_state_shows_everything(client):
    assert len(rows(shown(client, "?state=settled"))) == len(views.current().entries)


def test_how_sure_a_row_is_stands_beside_it(client):
    page = shown(client)
    (row,) = re.findall(r'id="US-CA-6".*?</article>', page, re.DOTALL)
    assert "not verified, to be confirmed" in row


def test_the_page_is_only_read(client):
    assert client.post(reverse("compliance")).status_code == 405
