"""Figures for monitoring: guarded, and without anybody in them."""

import re
from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, reverse
from prometheus_client.parser import text_string_to_metric_families

from safety import duties, incidents, sending
from tests.safety import cast, people

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-monitoring"


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def read():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return answer.content.decode()

    return read


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN])
def test_without_the_token_there_is_nothing_here(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert (
        client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    )


def test_an_operator_of_the_console_gets_no_figures_without_it(console, settings):
    settings.METRICS_TOKEN = TOKEN
    assert console.get("/metrics").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("metrics")


def test_the_figures_of_an_incident(scrape):
    from django.utils import timezone  # noqa: PLC0415 - the page takes the time itself

    now = timezone.now() - timedelta(seconds=200)
    people.contact_route()
    people.on_duty(now)
    incident = people.signal(now)
    while duties.run_due(now=now) + sending.send_due(now=now):
        pass
    at = now + timedelta(seconds=130)
    incidents.claim(operator=people.OTTO, now=at, incident=incident.id)
    text = scrape()
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    claim = ("measure", "claim")
    assert values["companion_waits_count", claim] == 1
    assert values["companion_waits_sum", claim] == pytest.approx(130)
    assert values["companion_missed_goals", claim] == 1
    assert values["companion_on_duty", ("role", "responder")] == 1
    assert values["companion_on_duty", ("role", "supervisor")] == 0
    assert values["companion_incidents", ("kind", "real"), ("state", "human")] == 1
    assert incident.code not in text
    assert str(cast.ADA.id) not in text
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}", text) == []
