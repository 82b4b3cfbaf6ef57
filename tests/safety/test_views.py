import pytest
from django.urls import reverse

from safety import texts

pytestmark = pytest.mark.django_db


@pytest.mark.obligation("US-CA-2")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_protocol_is_published(client, language):
    page = client.get(reverse("protocol"), headers={"accept-language": language})
    assert page.status_code == 200
    assert texts.get("crisis.t3", language).version in page.content.decode()


def test_help_needs_no_account_and_shows_the_region(client):
    page = client.get(reverse("help"), {"region": "CN"}).content.decode()
    assert page.index("tel:12356") < page.index("tel:988")


def test_a_strange_region_gets_the_international_list(client):
    page = client.get(reverse("help"), {"region": "<script>"}).content.decode()
    assert "findahelpline" in page
    assert "<script>" not in page.lower().replace('<script type="module"', "")
