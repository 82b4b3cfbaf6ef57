"""A drill in the console: taken, answered and closed like a case, and then reported."""

import pytest
from django.urls import reverse
from django.utils import timezone

from safety import drill, duties, sending
from tests.companion.console.hands import QUEUE, enter, url, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(olga):
    """Begun by Olga; what is due was done."""
    now = timezone.now()
    begun = drill.begin(
        by=olga.id,
        address="test-contact@example.org",
        region="GB",
        language="en",
        time_zone="Europe/London",
        now=now,
    )
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass
    return begun


@pytest.mark.obligation("CN-16", "CN-09")
def test_a_drill_is_played_from_the_queue_to_the_report(client, otto, report):
    browser, case = enter(client, otto), report.incident
    assert case.code in words(browser.get(QUEUE))
    browser.post(url("claim", case))
    page = words(browser.get(url("file", case)))
    assert "This is a drill: nobody is in danger." in page
    assert "Test contact · e-mail · <strong>arrived at the provider" in page
    assert "I would write now" in page
    browser.post(url("answer_drill", case))
    assert "I would write now" not in words(browser.get(url("file", case)))
    browser.post(url("close", case), {"reason": "safe", "note": ""})
    drill.finish(report=report, now=timezone.now())
    duties.run_due(now=timezone.now())
    report.refresh_from_db()
    missed = {name: one["missed"] for name, one in report.result["measures"].items()}
    assert missed == {
        "claim": False,
        "first_reply": False,
        "first_notice": False,
        "acknowledged": True,
    }


def test_the_report_says_in_words_who_was_told_by_what(client, otto, report):
    browser = enter(client, otto)
    drill.finish(report=report, now=timezone.now())
    duties.run_due(now=timezone.now())
    page = words(browser.get(reverse("admin:safety_drillreport_changelist")))
    assert "to the test contact · e-mail · arrived at the provider" in page
    assert "to the team · e-mail · " in page


def test_in_earnest_a_word_is_written_and_not_claimed(mine, case):
    mine.post(url("answer_drill", case))
    case.refresh_from_db()
    assert case.first_reply_at is None
