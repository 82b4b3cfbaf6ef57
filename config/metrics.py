"""Figures for the operators' own monitoring, in the text form of Prometheus.

Read from the rows at each scrape, so that every process answers the same. Guarded by a
token of its own; no figure names a person, a case or an address.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from secrets import compare_digest
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from companion import measures
from safety import heartbeats, roster
from safety.measures import QUANTILES, Measure
from safety.models import Delivery, Duty, Incident, IncidentKind, ShiftRole


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Without the token there is nothing here, as for any unknown address."""
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not compare_digest(given, wanted):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Rows())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Rows(Collector):
    """Everything below is read anew for each scrape."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        found = measures.recent(now)
        yield from _waits(found)
        yield _counts(
            "incidents",
            "Incidents by kind and state",
            Incident.objects.exclude(kind=IncidentKind.CANARY),
            "kind",
        )
        yield _counts(
            "deliveries",
            "Notices by channel and state",
            Delivery.objects.all(),
            "channel",
        )
        yield _counts("duties", "Duties by kind and state", Duty.objects.all(), "kind")
        late = heartbeats.lateness(now).total_seconds()
        yield GaugeMetricFamily(
            "companion_lateness_seconds", "How late the oldest duty is", value=late
        )
        yield _beats(now)
        yield _on_duty(now)


def _waits(found: list[Measure]) -> Iterator[Metric]:
    waits = GaugeMetricFamily(
        "companion_wait_seconds",
        "How long people in danger waited in the last 30 days",
        labels=["measure", "quantile"],
    )
    sums = SummaryMetricFamily(
        "companion_waits",
        "Number and sum of these waits in the last 30 days",
        labels=["measure"],
    )
    misses = GaugeMetricFamily(
        "companion_missed_goals",
        "Incidents of the last 30 days that missed the goal",
        labels=["measure"],
    )
    for one in found:
        seconds = one.seconds
        sums.add_metric([one.id], count_value=len(seconds), sum_value=sum(seconds))
        misses.add_metric([one.id], len(one.misses))
        for part in QUANTILES:
            if (value := one.quantile(part)) is not None:
                waits.add_metric([one.id, str(part)], value)
    yield from (waits, sums, misses)


def _counts(name: str, words: str, rows: QuerySet[Any], label: str) -> Metric:
    family = GaugeMetricFamily(f"companion_{name}", words, labels=[label, "state"])
    counted = rows.values_list(label, "state").annotate(count=Count("pk")).order_by()
    for kind, state, count in counted:
        family.add_metric([kind, state], count)
    return family


def _beats(now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "companion_pulse_age_seconds", "Since the last sign of life", labels=["process"]
    )
    for kind in (heartbeats.CELERY, heartbeats.WATCHDOG):
        age = heartbeats.age(kind, now)
        if age is not None:
            family.add_metric([kind], max(age, timedelta(0)).total_seconds())
    return family


def _on_duty(now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "companion_on_duty", "Operators on duty now", labels=["role"]
    )
    for role in ShiftRole:
        family.add_metric([role.value], len(roster.on_duty(now=now, role=role)))
    return family
