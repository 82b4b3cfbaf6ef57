"""Operators for the stories: signed in with a second factor, on duty or not, and what
they do in the console."""

import re

from playwright.sync_api import expect

DANGER = {
    "ada": "I have the pills in front of me and I want to die tonight",
    "wen": "我不想活了，药就在我面前",
}
LANGUAGES = {"ada": "en", "wen": "zh-hans"}
STRIP = "[data-takeover]"

MAKE = """
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts import operators
from accounts.models import User
from accounts.roles import Role
from allauth.mfa.models import Authenticator
user = User.objects.filter(email="{email}").first() or operators.make_operator(
    email="{email}",
    name="{email}".partition("@")[0].title(),
    role=Role.CRISIS_RESPONDER,
    language="{language}",
)
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


def end_all(page):
    """No case of one story is left to the next, or comes from the one before."""
    page.goto(QUEUE)
    while page.locator("[data-open]").count():
        page.locator("[data-open]").first.click()
        hand_back(page)


def take(page):
    expect(page.locator(".cases-card")).to_have_count(1)
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/case/[0-9a-f-]{36}/"))


def hand_back(page):
    page.select_option("#reason", "safe")
    page.locator("form[action$='/close/'] button").click()
    page.wait_for_url(f"**{QUEUE}")


def reply(page, text):
    page.fill("[data-reply-words]", text)
    page.press("[data-reply-words]", "Enter")
    expect(page.locator("[data-reply-words]")).to_have_value("")
