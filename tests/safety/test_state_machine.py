"""Incidents, duties and deliveries under any order of events: what must always hold,
and that it would be noticed if it did not.

STATE_MACHINE_STEPS and STATE_MACHINE_SEED make the walk longer, or another one.
"""

import os

import pytest
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import rule

from safety.models import Delivery, DeliveryAttempt, Duty, Incident
from tests.safety.promises import ASKS
from tests.safety.walk import Danger, play

WANTED = int(os.environ.get("STATE_MACHINE_STEPS", "10000"))


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
        rows = Incident.objects.filter(state__in=["open", "offered"])
        rows.update(state="supervisor")


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
    with pytest.raises((AssertionError, FlakyFailure)):
        play(machine, 3_000)
    assert machine.breaks in machine.broken


@pytest.fixture
def settings_of_django(settings):
    settings.NOTICE_CHANNELS = {"test": "tests.safety.fickle.send"}
    return settings
