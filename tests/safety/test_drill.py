"""A drill goes the way of a real incident, says so everywhere, and ends by itself."""

from datetime import timedelta

import pytest

from safety import deliveries, drill, duties, incidents, routes, sending
from safety.models import Delivery, DrillReport, Incident, Route
from tests.accounts.letters import plain, written
from tests.safety import people
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return lambda: [plain(letter) for letter in written(tmp_path)]


def begin(now, **more):
    return drill.begin(
        by=people.SUE,
        address="test-contact@example.org",
        region="GB",
        language="en",
        time_zone="Europe/London",
        now=now,
        **more,
    )


def run(now):
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass


def seconds(count):
    return timedelta(seconds=count)


@pytest.mark.obligation("CN-16", "CN-09")
def test_a_whole_drill_with_its_report(now, mail):
    people.operator_route(people.OTTO)
    people.on_duty(now)
    report = begin(now)
    incident = report.incident
    run(now + seconds(2))
    told = Delivery.objects.get(contact__isnull=False)
    incidents.claim(operator=people.OTTO, now=now + seconds(40), incident=incident.id)
    incidents.replied(incident=incident.id, operator=people.OTTO, now=now + seconds(70))
    deliveries.acknowledge(token=deliveries.ack_token(told), now=now + seconds(62))
    done = now + seconds(80)
    drill.finish(report=report, now=done)
    run(done)
    report.refresh_from_db()
    incident.refresh_from_db()
    assert report.ended_at == done
    assert report.result["measures"] == {
        "claim": {"goal": 120, "seconds": 40.0, "missed": False},
        "first_reply": {"goal": 180, "seconds": 70.0, "missed": False},
        "first_notice": {"goal": 10, "seconds": 2.0, "missed": False},
        "acknowledged": {"goal": 300, "seconds": 60.0, "missed": False},
    }
    assert [one["to"] for one in report.result["notices"]] == ["team", "contact"]
    assert (incident.state, incident.closed_reason) == ("closed", "drill")


def test_every_notice_says_that_it_is_a_drill(now, mail):
    people.operator_route(people.OTTO, channel="mail")
    people.on_duty(now)
    begin(now)
    run(now)
    letters = mail()
    assert len(letters) == 2
    assert [text for text in letters if "DRILL" not in text] == []
    assert [text for text in letters if "nobody is in danger" not in text] == []


def test_what_nobody_did_was_missed(now):
    report = begin(now)
    run(now)
    run(report.ends_at)
    report.refresh_from_db()
    missed = [name for name, one in report.result["measures"].items() if one["missed"]]
    assert missed == ["claim", "first_reply", "acknowledged"]


def test_one_drill_at_a_time_and_the_next_after_it(now):
    report = begin(now)
    with pytest.raises(drill.Running):
        begin(now)
    drill.finish(report=report, now=now + seconds(30))
    run(now + seconds(30))
    begin(now + seconds(31))
    assert DrillReport.objects.count() == 2


def test_nothing_of_a_drill_stays_to_be_done(now):
    report = begin(now)
    run(report.ends_at)
    incident = Incident.objects.get()
    assert not incident.duties.filter(state="waiting").exists()
    assert routes.for_subject(subject=incident.subject) == []
    assert set(Route.objects.values_list("state", flat=True)) == {"stopped"}


def test_a_drill_is_in_a_chain(now):
    report = begin(now)
    run(report.ends_at)
    entries = AuditEntry.objects.filter(chain="drills").order_by("seq")
    assert [(e.act, e.actor) for e in entries] == [
        ("drill.begun", str(people.SUE)),
        ("drill.ended", "safety"),
    ]
