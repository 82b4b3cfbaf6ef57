"""Incidents, duties and deliveries under any order of events: what must always hold.

Time passes, people write, operators come and go silent, providers fail, processes die
with a claim in their hands. After each step the promises are read from the rows.
"""

import os
from collections import defaultdict
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from safety import deliveries, duties, incidents, leases
from safety.models import (
    Delivery,
    DeliveryAttempt,
    Duty,
    Incident,
    Severity,
    Shift,
    ShiftRole,
)
from safety.policy import POLICY
from safety.verdict import AgeBand, Subject
from tests.conftest import NOW
from tests.safety import fickle, people
from vault import audit
from vault.models import AuditEntry

STEPS = 50
RUNS = int(os.environ.get("STATE_MACHINE_STEPS", "1000")) // STEPS
WHO = [Subject(UUID(int=n), AgeBand.ADULT, "GB", "en", "UTC") for n in (1, 2)]
OPERATORS = [people.OTTO, people.OLGA]
ASKS = ["offer", "deadline", "all_hands"]
subjects, operators = st.sampled_from(WHO), st.sampled_from(OPERATORS)
picks = st.integers(0, 20)


class Danger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        self.answered = {}  # incident → when a contact acknowledged
        self.lowered = defaultdict(int)
        self.worst = {}
        fickle.mood = "takes"
        for subject in WHO:
            for number, owner in enumerate((people.GIL, people.GRETE)):
                owner = UUID(int=owner.int + subject.id.int * 1000)
                people.contact_route(subject, owner)
                if not number:
                    people.contact_route(subject, owner, position=1)
        for operator in OPERATORS:
            people.operator_route(operator)

    def teardown(self):
        for subject in WHO:
            audit.verify(subject.id)
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @rule(
        subject=subjects,
        verdict=st.sampled_from(
            [people.PLAN, people.WISH, people.GUESS, people.SAD, people.TREND]
        ),
    )
    def writes(self, subject, verdict):
        people.signal(self.now, verdict, subject)

    @rule(seconds=st.sampled_from([1, 5, 30, 60, 95, 120, 300, 600]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)
        for _ in range(20):
            if not duties.run_due(now=self.now) + deliveries.send_due(now=self.now):
                break

    @rule()
    def one_duty(self):
        duties.run_due(limit=1, now=self.now)

    @rule()
    def one_delivery(self):
        deliveries.send_due(limit=1, now=self.now)

    @rule(model=st.sampled_from([Duty, Delivery]))
    def a_process_dies_with_a_claim(self, model):
        claims = duties.CLAIMS if model is Duty else deliveries.CLAIMS
        row = leases.claim(model, claims, now=self.now, full=[])
        if row:
            model.objects.filter(pk=row.pk).update(holder=0)

    @rule(mood=st.sampled_from(["takes", "later", "refuses"]))
    def providers_change(self, mood):
        fickle.mood = mood

    @rule(operator=operators, role=st.sampled_from(ShiftRole.values))
    def somebody_comes_on_duty(self, operator, role):
        people.on_duty(self.now, operator, role)

    @rule()
    def everybody_goes_home(self):
        Shift.objects.all().delete()

    @rule(operator=operators)
    def claims(self, operator):
        incidents.claim(operator=operator, now=self.now)

    @rule(operator=operators, pick=picks)
    def renews(self, operator, pick):
        self.act(incidents.renew, operator, pick)

    @rule(operator=operators, to=operators, pick=picks)
    def transfers(self, operator, to, pick):
        self.act(incidents.transfer, operator, pick, to=to)

    @rule(operator=operators, pick=picks)
    def closes(self, operator, pick):
        self.act(incidents.close, operator, pick, reason="safe", note="x")

    @rule(operator=operators, pick=picks)
    def hands_back(self, operator, pick):
        self.act(incidents.hand_back, operator, pick, reason="safe")

    @rule(operator=operators, pick=picks)
    def calls(self, operator, pick):
        self.act(incidents.record_call, operator, pick, outcome="reached")

    @rule(operator=operators, pick=picks)
    def lowers(self, operator, pick):
        incident = self.picked(pick)
        if incident and incident.severity > Severity.WATCH:
            lower = Severity(incident.severity - 1)
            if self.act(incidents.lower, operator, pick, severity=lower, reason="x"):
                self.worst[incident.pk] = lower

    @rule(subject=subjects)
    def says_yes(self, subject):
        incidents.confirm_danger(subject=subject.id, now=self.now)

    @rule(pick=picks)
    def acknowledges(self, pick):
        rows = Delivery.objects.filter(contact__isnull=False).order_by(
            "created_at", "id"
        )
        if told := list(rows):
            delivery = told[pick % len(told)]
            token = deliveries.ack_token(delivery)
            deliveries.acknowledge(token=token, now=self.now)
            self.answered.setdefault(delivery.incident_id, self.now)

    def picked(self, pick):
        rows = list(Incident.objects.order_by("opened_at", "id"))
        return rows[pick % len(rows)] if rows else None

    def act(self, act, operator, pick, **more):
        """True when the operator was allowed to."""
        incident = self.picked(pick)
        if incident is None:
            return False
        holds = incident.state == "human" and incident.claimed_by == operator
        if holds:
            act(incident=incident.pk, operator=operator, now=self.now, **more)
        else:
            with pytest.raises(incidents.NotHolder):
                act(incident=incident.pk, operator=operator, now=self.now, **more)
        return holds

    @invariant()
    def danger_is_never_forgotten(self):
        for incident in Incident.objects.exclude(state="closed"):
            waiting = set(
                incident.duties.filter(state="waiting").values_list("kind", flat=True)
            )
            if incident.state == "human":
                assert "lease" in waiting and incident.lease_until
            elif incident.severity >= Severity.HIGH:
                assert waiting & set(ASKS), incident.state

    @invariant()
    def no_state_without_an_entry(self):
        entries = list(AuditEntry.objects.order_by("id"))
        noted = {
            entry.facts["incident"]: entry.facts["state"]
            for entry in entries
            if entry.act.startswith("incident.") and "state" in entry.facts
        }
        states = Incident.objects.values_list("pk", "state")
        assert noted == {str(pk): state for pk, state in states}
        acts = {(e.facts.get("delivery"), e.act) for e in entries}
        for key, state in Delivery.objects.values_list("pk", "state"):
            wanted = {"sent": "sent", "acked": "acknowledged", "dead": "dead"}.get(
                state
            )
            assert wanted is None or (str(key), f"notice.{wanted}") in acts
        stopped = sum(e.facts["count"] for e in entries if e.act == "notice.cancelled")
        stopped += sum(1 for e in entries if e.act == "notice.dropped")
        assert stopped == Delivery.objects.filter(state="cancelled").count()

    @invariant()
    def an_answer_stops_what_has_not_begun(self):
        for incident, at in self.answered.items():
            begun = DeliveryAttempt.objects.filter(
                delivery__incident=incident,
                delivery__contact__isnull=False,
                started_at__gt=at,
            )
            assert not begun.exclude(result="no longer needed").exists()
            waiting = Duty.objects.filter(incident=incident, kind="notify")
            assert not waiting.filter(state="waiting").exists()

    @invariant()
    def a_route_is_not_flooded(self):
        pause = timedelta(seconds=POLICY.notice.throttle)
        last, of_incident = {}, defaultdict(int)
        rows = Delivery.objects.filter(attempts__lte=1).order_by("created_at", "id")
        for row in rows.exclude(state="cancelled"):
            before = last.get(row.route_id)
            of_incident[row.incident_id, row.route_id] += 1
            early = of_incident[row.incident_id, row.route_id]
            if before and early > POLICY.notice.unthrottled:
                assert row.due_at - before >= pause
            last[row.route_id] = max(before or row.due_at, row.due_at)

    @invariant()
    def only_a_human_lowers(self):
        for pk, severity in Incident.objects.values_list("pk", "severity"):
            assert severity >= self.worst.get(pk, 0)
            self.worst[pk] = severity

    @invariant()
    def nothing_is_parked(self):
        assert not Duty.objects.filter(state="parked").exists()


@pytest.mark.django_db
def test_promises_hold_in_any_order(settings_of_django):
    run_state_machine_as_test(
        Danger,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_django(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    return settings
