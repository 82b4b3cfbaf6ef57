import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.second_factor import MFAAdapter

pytestmark = pytest.mark.django_db


def test_the_secret_of_a_second_factor_is_sealed(ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    row = Authenticator.objects.get(user=ada)
    assert secret not in str(row.data)
    assert MFAAdapter().decrypt(row.data["secret"]) == secret


def test_the_code_to_scan_stands_on_white():
    drawn = MFAAdapter().build_totp_svg("otpauth://totp/Companion:ada?secret=ABC")
    assert "<svg" in drawn
    assert "#ffffff" in drawn.lower() or "white" in drawn.lower()
