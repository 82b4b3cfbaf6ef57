"""A walk through incidents, duties and deliveries in any order: time passes, people
write, operators come and go silent, providers fail, processes die with a claim in their
hands. After each step the promises are read from the rows.
"""

import os
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from safety import deliveries, duties, incidents, leases, sending
from safety.models import Delivery, Duty, Incident, Severity, Shift, ShiftRole
from safety.verdict import AgeBand, Subject
from tests.conftest import NOW
from tests.safety import fickle, people
from tests.safety.promises import IN_ORDER, PROMISES, Rows, Seen, begun_to_be_told
from vault import audit

STEPS = 50  # of one walk from an empty house
SEED = int(os.environ.get("STATE_MACHINE_SEED", "0"))
WHO = [Subject(UUID(int=n), AgeBand.ADULT, "GB", "en", "UTC") for n in (1, 2)]
OPERATORS = [people.OTTO, people.OLGA]
subjects, operators = st.sampled_from(WHO), st.sampled_from(OPERATORS)
picks = st.integers(0, 20)
hands = st.sampled_from(["holder", "holder", "other"])
REACHED = ("sent", "sending", "acked")


class Danger(RuleBasedStateMachine):
    """`steps` are counted and `broken` promises named for all walks of one play."""

    steps, broken = 0, set()

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        self.answered = {}  # incident → how often a contact had been told by then
        self.worst = {}
        self.deaths = 0
        self.seen = Seen()
        self.rows = Rows(self.seen)
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

    @initialize(
        verdicts=st.tuples(*[st.sampled_from([people.PLAN, people.WISH])] * len(WHO)),
        seconds=st.sampled_from([0, 1, 120]),
    )
    def they_are_in_danger(self, verdicts, seconds):
        """A walk begins where something is at stake, most often after the first
        notice has gone out."""
        for subject, verdict in zip(WHO, verdicts, strict=True):
            people.signal(self.now, verdict, subject)
        if seconds:
            self.time_passes(seconds)

    @rule(
        subject=subjects,
        verdict=st.sampled_from(
            [people.PLAN, people.WISH, people.GUESS, people.SAD, people.TREND]
        ),
    )
    def writes(self, subject, verdict):
        self.a_moment_later()
        people.signal(self.now, verdict, subject)
        self.hear_who_is_told_anew()

    @rule(seconds=st.sampled_from([1, 5, 30, 60, 95, 120, 300, 600]))
    def waits(self, seconds):
        self.time_passes(seconds)

    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)
        for _ in range(20):
            if not duties.run_due(now=self.now) + sending.send_due(now=self.now):
                break

    @rule()
    def one_duty(self):
        duties.run_due(limit=1, now=self.now)

    @rule()
    def one_delivery(self):
        sending.send_due(limit=1, now=self.now)

    @precondition(lambda self: self.deaths < duties.TRIES - 1)
    @rule(model=st.sampled_from([Duty, Delivery]))
    def a_process_dies_with_a_claim(self, model):
        """Not so often that a duty which ends all its processes would be parked."""
        self.deaths += 1
        claims = duties.CLAIMS if model is Duty else sending.CLAIMS
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

    @rule(who=hands, pick=picks)
    def renews(self, who, pick):
        self.act(incidents.renew, who, pick)

    @rule(who=hands, to=operators, pick=picks)
    def transfers(self, who, to, pick):
        self.act(incidents.transfer, who, pick, to=to)

    @rule(who=hands, pick=picks)
    def closes(self, who, pick):
        self.act(incidents.close, who, pick, reason="safe", note="x")

    @rule(who=hands, pick=picks)
    def hands_back(self, who, pick):
        self.act(incidents.hand_back, who, pick, reason="safe")

    @rule(who=hands, pick=picks)
    def calls(self, who, pick):
        self.act(incidents.record_call, who, pick, outcome=incidents.REACHED)

    @rule(who=hands, pick=picks)
    def lowers(self, who, pick):
        incident = self.picked(pick)
        if incident and incident.severity > Severity.WATCH:
            lower = Severity(incident.severity - 1)
            if self.act(incidents.lower, who, pick, severity=lower, reason="x"):
                self.worst[incident.pk] = lower

    @rule(subject=subjects)
    def says_yes(self, subject):
        self.a_moment_later()
        incidents.confirm_danger(subject=subject.id, now=self.now)
        self.hear_who_is_told_anew()

    def a_moment_later(self):
        """An answer and a graver danger never fall into the same microsecond."""
        self.now += timedelta(microseconds=1)

    def hear_who_is_told_anew(self):
        """An answer was about a danger that has become graver: it stops nothing."""
        begun = Duty.objects.filter(
            kind="notify", facts__first__gt=0, facts__start=self.now.isoformat()
        )
        for incident in begun.values_list("incident", flat=True):
            self.answered.pop(incident, None)

    @rule(pick=picks)
    def acknowledges(self, pick):
        rows = Delivery.objects.filter(contact__isnull=False, state__in=REACHED)
        if told := list(rows.order_by(*IN_ORDER)):
            delivery = told[pick % len(told)]
            token = deliveries.ack_token(delivery)
            deliveries.acknowledge(token=token, now=self.now)
            begun = Counter(begun_to_be_told())[delivery.incident_id]
            if delivery.state != "acked":  # pressed a second time it answers nothing
                self.answered.setdefault(delivery.incident_id, begun)

    def picked(self, pick):
        """A case that somebody holds, or None. Which rules may run never depends on the
        rows: the spread of retries is random, and Hypothesis repeats a walk."""
        held = Incident.objects.filter(state="human").order_by("opened_at", "subject")
        rows = list(held)
        return rows[pick % len(rows)] if rows else None

    def act(self, act, who, pick, **more):
        """By whoever holds the case, or by the other one, who may not. True when it was
        allowed."""
        incident = self.picked(pick)
        if incident is None:
            return False
        holder = incident.claimed_by
        other = next(one for one in OPERATORS if one != holder)
        if who == "holder":
            act(incident=incident.pk, operator=holder, now=self.now, **more)
        else:
            with pytest.raises(incidents.NotHolder):
                act(incident=incident.pk, operator=other, now=self.now, **more)
        return who == "holder"

    @invariant()
    def the_promises_hold(self):
        """All rows are read once after each step: reading is what costs the time."""
        type(self).steps += 1
        self.rows = Rows(self.seen)
        for promise in PROMISES:
            try:
                promise(self)
            except AssertionError:
                type(self).broken.add(promise.__name__)
                raise


def play(machine, steps):
    """At least so many steps; returns how many there were."""
    machine.steps, machine.broken = 0, set()
    while machine.steps < steps:
        run_state_machine_as_test(
            seed(SEED + machine.steps)(machine),
            settings=settings(
                max_examples=max(1, (steps - machine.steps) // STEPS),
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    return machine.steps
