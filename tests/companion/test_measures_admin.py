"""The pages of waiting times and drills: what they show, and who may press."""

from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django.utils import timezone

from accounts import operators
from accounts.roles import Role
from companion import measure_chart, measures
from safety import duties, incidents
from safety.measures import Measure, Value
from safety.models import DrillReport
from tests.safety import people

pytestmark = pytest.mark.django_db
WAITS = reverse("admin:safety_measured_changelist")
DRILLS = reverse("admin:safety_drillreport_changelist")
BEGIN = reverse("admin:safety_drill_begin")


@pytest.fixture
def as_responder(client, db):
    olga = operators.make_operator(
        email="olga@x.org", name="Olga", role=Role.CRISIS_RESPONDER, language="en"
    )
    TOTP.activate(olga, generate_totp_secret())
    RecoveryCodes.activate(olga)
    client.force_login(olga)
    return client


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Until somebody took the case"), ("zh-hans", "到有人接管")],
)
def test_waiting_times_with_a_miss_by_its_code(console, otto, language, said):
    otto.language = language
    otto.save()
    then = timezone.now() - timedelta(hours=1)
    late = people.signal(then)
    at = then + timedelta(seconds=400)
    incidents.claim(operator=otto.id, now=at, incident=late.id)
    text = console.get(WAITS).content.decode()
    assert said in text
    assert late.code in text
    assert "console-chart__missed" in text
    assert "400.0 s" in text
    assert 'style="' not in text.split('id="content"')[1]


def test_without_any_incident_the_page_says_so(console):
    assert "Nothing to show in this time." in console.get(WAITS).content.decode()


def test_a_supervisor_begins_and_ends_a_drill(console):
    console.post(BEGIN, {"address": "test@example.org"})
    assert "running" in console.get(DRILLS).content.decode()
    report = DrillReport.objects.get()
    again = console.post(BEGIN, {"address": "test@example.org"}, follow=True)
    assert "A drill is running already." in again.content.decode()
    console.post(reverse("admin:safety_drill_end", args=[report.id]))
    duties.run_due(now=timezone.now())
    text = console.get(DRILLS).content.decode()
    assert ("running" in text, "goals missed" in text) == (False, True)


def test_an_address_that_is_none_begins_nothing(console):
    answer = console.post(BEGIN, {"address": "nobody"}, follow=True)
    assert "Enter an e-mail address" in answer.content.decode()
    assert not DrillReport.objects.exists()


def test_a_drill_begins_with_a_press_and_not_with_a_look(console):
    assert console.get(BEGIN).status_code == 403
    assert not DrillReport.objects.exists()


def test_a_responder_reads_and_does_not_begin(as_responder):
    page = as_responder.get(DRILLS)
    assert (page.status_code, BEGIN in page.content.decode()) == (200, False)
    assert as_responder.post(BEGIN, {"address": "t@x.org"}).status_code == 403
    assert as_responder.get(WAITS).status_code == 200


def test_the_picture_tells_by_shape(now):
    begins = now - measures.PERIOD
    ids = [people.OTTO, people.OLGA, people.SUE]
    values = (
        Value(ids[0], begins, 1.0, False),
        Value(ids[1], now, 1000.0, True),
        Value(ids[2], now, None, True),
    )
    chart = measure_chart.of(Measure("claim", 120, values), begins, measures.PERIOD)
    assert [(mark.x, mark.shape) for mark in chart.marks] == [
        (30.0, "fine"),
        (610.0, "missed"),
        (610.0, "never"),
    ]
    heights = [mark.y for mark in chart.marks]
    assert heights == sorted(heights, reverse=True)
    assert 0 < chart.goal < measure_chart.HEIGHT
