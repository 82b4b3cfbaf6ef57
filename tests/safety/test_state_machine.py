"""Incidents, duties and deliveries under any order of events: what must always hold.

Time passes, people write, operators come and go silent, providers fail, processes die
with a claim in their hands. After each step the promises are read from the rows.
"""

import os
from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from safety import deliveries, duties, incidents, leases, sending
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
from safety.telling import ALL_CLEAR
from safety.verdict import AgeBand, Subject
from tests.conftest import NOW
from tests.safety import fickle, people
from vault import audit
from vault.models import AuditEntry

STEPS = 50
SEED = int(os.environ.get("STATE_MACHINE_SEED", "0"))
WANTED = int(os.environ.get("STATE_MACHINE_STEPS", "3000"))
WHO = [Subject(UUID(int=n), AgeBand.ADULT, "GB", "en", "UTC") for n in (1, 2)]
OPERATORS = [people.OTTO, people.OLGA]
ASKS = {"offer", "deadline", "all_hands"}
NOTED = {"sent": "sent", "acked": "acknowledged", "dead": "dead"}
INCIDENT = ("state", "severity", "lease_until")
subjects, operators = st.sampled_from(WHO), st.sampled_from(OPERATORS)
picks = st.integers(0, 20)


class Danger(RuleBasedStateMachine):
    steps = 0

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        self.answered = {}  # incident → how often a contact had been told by then
        self.worst = {}
        self.seen = Seen()
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
            if not duties.run_due(now=self.now) + sending.send_due(now=self.now):
                break

    @rule()
    def one_duty(self):
        duties.run_due(limit=1, now=self.now)

    @rule()
    def one_delivery(self):
        sending.send_due(limit=1, now=self.now)

    @rule(model=st.sampled_from([Duty, Delivery]))
    def a_process_dies_with_a_claim(self, model):
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
            begun = Counter(begun_to_be_told())[delivery.incident_id]
            self.answered.setdefault(delivery.incident_id, begun)

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
    def the_promises_hold(self):
        """All rows are read once after each step: reading is what costs the time."""
        type(self).steps += 1
        self.rows = Rows(self.seen)
        for promise in PROMISES:
            promise(self)

    def danger_is_never_forgotten(self):
        for one in self.rows.incidents:
            waiting = self.rows.waiting[one.pk]
            if one.state == "human":
                assert "lease" in waiting and one.lease_until
            elif one.state != "closed" and one.severity >= Severity.HIGH:
                assert waiting & ASKS, one.state

    def no_state_without_an_entry(self):
        states = {str(one.pk): one.state for one in self.rows.incidents}
        assert self.seen.states == states
        for one in self.rows.deliveries:
            wanted = NOTED.get(one.state)
            assert not wanted or (str(one.pk), f"notice.{wanted}") in self.seen.acts
        cancelled = sum(one.state == "cancelled" for one in self.rows.deliveries)
        assert self.seen.stopped == cancelled

    def an_answer_stops_what_has_not_begun(self):
        for incident, begun in self.answered.items():
            assert "notify" not in self.rows.waiting[incident]
            assert begun == self.rows.begun[incident], "begun after an answer"

    def a_route_is_not_flooded(self):
        pause = timedelta(seconds=POLICY.notice.throttle)
        last, of_incident = {}, defaultdict(int)
        for row in self.rows.deliveries:
            if row.attempts > 1 or row.state == "cancelled":
                continue
            before = last.get(row.route_id)
            of_incident[row.incident_id, row.route_id] += 1
            early = of_incident[row.incident_id, row.route_id]
            if before and early > POLICY.notice.unthrottled:
                assert row.due_at - before >= pause
            last[row.route_id] = max(before or row.due_at, row.due_at)

    def only_a_human_lowers(self):
        for one in self.rows.incidents:
            assert one.severity >= self.worst.get(one.pk, 0)
            self.worst[one.pk] = one.severity

    def nothing_is_parked(self):
        assert not self.rows.parked


PROMISES = (
    Danger.danger_is_never_forgotten,
    Danger.no_state_without_an_entry,
    Danger.an_answer_stops_what_has_not_begun,
    Danger.a_route_is_not_flooded,
    Danger.only_a_human_lowers,
    Danger.nothing_is_parked,
)


class Seen:
    """What the entries say, read as they come: an entry never changes."""

    def __init__(self):
        self.last, self.stopped = 0, 0
        self.states, self.acts = {}, set()

    def read(self):
        rows = AuditEntry.objects.filter(id__gt=self.last).order_by("id")
        for pk, act, facts in rows.values_list("id", "act", "facts"):
            self.last = pk
            if act.startswith("incident.") and "state" in facts:
                self.states[facts["incident"]] = facts["state"]
            self.acts.add((facts.get("delivery"), act))
            self.stopped += facts["count"] if act == "notice.cancelled" else 0
            self.stopped += act == "notice.dropped"


class Rows:
    """Everything there is, once: incidents, their waiting duties, deliveries in the
    order in which they were written, how often a contact was begun to be told."""

    def __init__(self, seen):
        seen.read()
        self.incidents = list(Incident.objects.only(*INCIDENT))
        self.waiting = defaultdict(set)
        duties_left = Duty.objects.filter(state__in=["waiting", "parked"])
        self.parked = []
        for incident, kind, state in duties_left.values_list(
            "incident", "kind", "state"
        ):
            self.waiting[incident].add(kind)
            self.parked += [kind] if state == "parked" else []
        self.deliveries = list(Delivery.objects.order_by("created_at", "id"))
        self.begun = Counter(begun_to_be_told())


def begun_to_be_told():
    """The incident of each attempt to tell a contact of danger."""
    rows = DeliveryAttempt.objects.exclude(result="no longer needed")
    rows = rows.exclude(delivery__template=ALL_CLEAR).filter(
        delivery__contact__isnull=False
    )
    return rows.values_list("delivery__incident", flat=True)


class Forgetful(Danger):
    """A house that loses the duty of a step."""

    breaks = "danger_is_never_forgotten"

    @rule()
    def a_step_is_lost(self):
        rows = Duty.objects.filter(kind__in=ASKS, state="waiting")
        rows.update(state="cancelled")


class Secretive(Danger):
    """A house in which somebody changes a state by hand."""

    breaks = "no_state_without_an_entry"

    @rule()
    def a_state_is_changed_by_hand(self):
        Incident.objects.filter(state="offered").update(state="supervisor")


class Pushing(Danger):
    """A house that goes on telling people who have answered."""

    breaks = "an_answer_stops_what_has_not_begun"

    @rule()
    def what_was_answered_is_told_again(self):
        for row in Delivery.objects.filter(state="acked"):
            DeliveryAttempt.objects.create(
                delivery=row, number=9, fence=row.fence, started_at=self.now
            )


class Deaf(Danger):
    """A house in which an answer stops no later step."""

    breaks = "an_answer_stops_what_has_not_begun"

    @rule()
    def the_next_step_comes_back(self):
        for incident in self.answered:
            Duty.objects.filter(
                incident=incident, kind="notify", state="cancelled"
            ).update(state="waiting")


class Unnoted(Danger):
    """A house that marks a notice as sent and writes no entry."""

    breaks = "no_state_without_an_entry"

    @rule()
    def a_notice_is_marked_by_hand(self):
        Delivery.objects.filter(state="pending").update(state="sent")


def play(machine, steps):
    """At least so many steps; returns how many there were."""
    machine.steps = 0
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


@pytest.mark.django_db
def test_promises_hold_in_any_order(settings_of_django, record_property):
    steps = play(Danger, WANTED)
    record_property("steps", steps)
    assert steps >= WANTED


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Forgetful, Secretive, Pushing, Deaf, Unnoted])
def test_a_house_that_breaks_a_promise_is_found_out(settings_of_django, machine):
    """The power of the test above: the same steps, and one more that does what a
    mistake in the product would."""
    with pytest.raises(AssertionError) as found:
        play(machine, 2_000)
    assert machine.breaks in {entry.name for entry in found.traceback}


@pytest.fixture
def settings_of_django(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    return settings
