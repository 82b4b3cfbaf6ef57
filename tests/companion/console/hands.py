"""What operators do in the console, and what its pages say."""

import html

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from accounts import operators
from vault.models import AuditEntry

QUEUE = reverse("admin:companion_case_changelist")
LIVE = reverse("admin:companion_case_live")
NEXT = reverse("admin:companion_case_next")
DANGER = "I want to kill myself tonight"


def url(name, case):
    return reverse(f"admin:companion_case_{name}", args=[case.id])


def enter(client, user):
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    client.force_login(user)
    return client


def words(answer):
    return " ".join(html.unescape(answer.content.decode()).split())


def operator(name, role):
    return operators.make_operator(
        email=f"{name}@example.org", name=name.title(), role=role, language="en"
    )


def entries(chat, act):
    return AuditEntry.objects.filter(chain=str(chat.user_id), act=act)


def pulse(browser, case, **fields):
    return browser.post(url("pulse", case), {"after": 0, "seen": 0, **fields})
