"""Operators for the stories: signed in with a second factor, on duty or not."""

MAKE = """
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
from allauth.mfa.models import Authenticator
user = User.objects.get(email="{email}")
User.objects.filter(pk=user.pk).update(language="{language}")
if not Authenticator.objects.filter(user=user).exists():
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
DUTY = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from safety.models import Shift, ShiftRole
otto, now = User.objects.get(email="otto@localhost"), timezone.now()
Shift.objects.filter(operator=otto.pk).delete()
if {hours}:
    Shift.objects.create(
        operator=otto.pk,
        role=ShiftRole.RESPONDER,
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours={hours}),
    )
"""
QUEUE = "/admin/companion/case/"


def operator(site, browser, *, email="otto@localhost", language="en", **options):
    """A page of the console of one who has passed the second factor."""
    key = site.manage("shell", "-c", MAKE.format(email=email, language=language))
    context = browser.new_context(base_url=site.url, **options)
    context.set_default_timeout(15_000)
    cookies = {"session": key.split()[-1], "django_language": language}
    context.add_cookies(
        [{"name": k, "value": v, "url": site.url} for k, v in cookies.items()]
    )
    page = context.new_page()
    page.goto(QUEUE)
    return page


def on_duty(site, *, hours):
    """Otto's shift; 0 hours: nobody is on duty."""
    site.manage("shell", "-c", DUTY.format(hours=hours))
