"""The roster in the console: who plans, who reads, who swaps."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import operators, services
from accounts.roles import Role
from safety import roster
from safety.models import Shift, ShiftOffer, ShiftRole

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:safety_shift_changelist")


@pytest.fixture
def olga(db):
    return operators.make_operator(
        email="olga@example.org",
        name="Olga",
        role=Role.CRISIS_RESPONDER,
        language="en",
    )


@pytest.fixture
def as_olga(olga):
    TOTP.activate(olga, generate_totp_secret())
    RecoveryCodes.activate(olga)
    browser = Client()
    browser.force_login(olga)
    return browser


def shift_of(user, hours=8):
    return roster.plan(
        operator=user.id,
        role=ShiftRole.RESPONDER,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=hours),
        by=user.id,
        now=timezone.now(),
    )


def times(begins, ends):
    return {
        "starts_at_0": begins.date(),
        "starts_at_1": begins.time(),
        "ends_at_0": ends.date(),
        "ends_at_1": ends.time(),
    }


def test_nobody_on_duty_is_said_in_words(console):
    text = console.get(PAGE).content.decode()
    assert "data-nobody" in text
    assert "Nobody is on duty." in text
    assert 'style="' not in text.split('id="content"')[1].split("changelist")[0]


def test_a_supervisor_plans_in_their_own_time_zone(console, otto, olga):
    otto.time_zone = "Asia/Shanghai"
    otto.save()
    begins = datetime(2031, 5, 1, 22, 0)  # noqa: DTZ001 - as written into the form
    answer = console.post(
        reverse("admin:safety_shift_add"),
        {"operator": olga.id, "role": "responder", "position": 0}
        | times(begins, begins + timedelta(hours=8)),
    )
    assert answer.status_code == 302
    shift = Shift.objects.get()
    assert shift.operator == olga.id
    assert shift.starts_at == datetime(2031, 5, 1, 14, 0, tzinfo=UTC)
    page = console.get(reverse("admin:safety_shift_change", args=[shift.pk]))
    assert 'value="22:00:00"' in page.content.decode()


def test_what_cannot_be_a_shift_is_refused_in_words(console, olga):
    begins = datetime(2031, 5, 1, 22, 0)  # noqa: DTZ001 - as written into the form
    answer = console.post(
        reverse("admin:safety_shift_add"),
        {"operator": olga.id, "role": "responder", "position": 0}
        | times(begins, begins - timedelta(hours=1)),
    )
    assert "A shift ends after it begins." in answer.content.decode()
    assert not Shift.objects.exists()


def test_only_a_supervisor_plans(as_olga, olga):
    assert as_olga.get(PAGE).status_code == 200
    assert as_olga.get(reverse("admin:safety_shift_add")).status_code == 403
    shift = shift_of(olga)
    gone = as_olga.post(
        reverse("admin:safety_shift_delete", args=[shift.pk]), {"post": "yes"}
    )
    assert gone.status_code == 403
    assert Shift.objects.exists()


def test_a_shift_changes_hands_when_the_colleague_takes_it(
    console, as_olga, otto, olga
):
    shift = shift_of(otto)
    console.post(
        reverse("admin:safety_shift_give", args=[shift.pk]), {"to": str(olga.id)}
    )
    assert "asks you to take a shift" in as_olga.get(PAGE).content.decode()
    answer = reverse("admin:safety_shift_answer", args=[ShiftOffer.objects.get().pk])
    console.post(answer, {"answer": "take"})
    shift.refresh_from_db()
    assert shift.operator == otto.id
    as_olga.post(answer, {"answer": "take"})
    shift.refresh_from_db()
    assert shift.operator == olga.id


def test_a_swap_needs_a_press_and_a_colleague(console, otto, ada):
    shift = shift_of(otto)
    give = reverse("admin:safety_shift_give", args=[shift.pk])
    assert console.get(give).status_code == 302
    for nobody in ("", str(ada.id), "x"):
        assert console.post(give, {"to": nobody}).status_code == 404
    assert not ShiftOffer.objects.exists()


def test_who_is_no_operator_any_more_is_on_no_roster(otto, olga):
    shift_of(olga)
    olga.is_staff = False
    services.change_by_operator(user=olga, by=otto, changed=["is_staff"])
    assert roster.on_duty(now=timezone.now(), role=ShiftRole.RESPONDER) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_opens_in_both_languages(console, otto, language):
    otto.language = language
    otto.save()
    shift_of(otto)
    said = {"en": "console not open", "zh-hans": "控制台未打开"}[language]
    assert said in console.get(PAGE).content.decode()
