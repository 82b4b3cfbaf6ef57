"""The cast that every test knows, and the services that they stand on.

Mina is a minor, Gil her guardian, Ada an adult, Wen is 70, Otto an operator,
Mallory an outsider.
"""

from datetime import UTC, datetime

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.utils import translation

from safety import terms
from tests.accounts import cast
from vault.keyring import FileKeyring

pytest_plugins = ["tests.obligations_plugin"]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Limits and rates are counted in the shared cache."""
    cache.clear()


@pytest.fixture(autouse=True)
def _no_language():
    """A page speaks for the rest of its thread: not from one test to the next."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_own_terms():
    """A process knows operators' terms for a second: not from one test to the next."""
    terms.forget()


@pytest.fixture(autouse=True)
def _plain_static(settings, tmp_path):
    """Pages are rendered without collected static files."""
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    }


@pytest.fixture(autouse=True)
def _keyring(tmp_path_factory, settings):
    """One keyring for the whole run, made as an operator would."""
    settings.VAULT_KEYRING = _made_once(tmp_path_factory)


_rings: list = []


def _made_once(tmp_path_factory):
    if not _rings:
        folder = tmp_path_factory.mktemp("vault") / "keyring"
        FileKeyring(folder).create()
        _rings.append(folder)
    return _rings[0]


@pytest.fixture(autouse=True)
def _no_kicks(settings):
    """Duties run when a test says so, not in a thread beside it."""
    settings.SAFETY_KICKS = False


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db, now):
    return cast.ada(now)


@pytest.fixture
def mina(db, now):
    return cast.mina(now)


@pytest.fixture
def otto(db):
    return cast.otto()


@pytest.fixture
def wen(db, now):
    return cast.wen(now)


@pytest.fixture
def console(client, otto):
    """Otto, signed in, with a second factor."""
    TOTP.activate(otto, generate_totp_secret())
    RecoveryCodes.activate(otto)
    client.force_login(otto)
    return client
