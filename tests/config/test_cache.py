"""Nobody is kept out because Valkey is away, and limits still count."""

import pytest
from django.core.cache import caches
from django.urls import reverse

from tests.accounts import cast


@pytest.fixture
def no_valkey(settings, tmp_path):
    away = {
        "BACKEND": "config.cache.SturdyCache",
        "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0",
    }
    settings.CACHES = {"default": away}
    yield caches["default"]
    caches["default"]._own.clear()


def test_limits_are_counted_by_the_process_alone(no_valkey):
    assert no_valkey.add("tries", 1, timeout=60)
    assert not no_valkey.add("tries", 1, timeout=60)
    assert no_valkey.incr("tries") == 2
    assert no_valkey.get("tries") == 2
    assert no_valkey.get("nothing", "default") == "default"


@pytest.mark.django_db
def test_one_signs_in_without_valkey(no_valkey, client, ada):
    answer = client.post(
        reverse("account_login"), {"login": ada.email, "password": cast.PASSWORD}
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("chat")
