"""Why a case was opened stands in it, the gravest reason first."""

import pytest

from safety import gate, labels
from safety.models import Incident
from tests.safety import cast, people

pytestmark = pytest.mark.django_db
DRUGS, DEPENDENCE = "illegal drugs", "words of dependence"


def heard(now, text):
    people.signal(now, gate.check_input(text, cast.ADA))
    return Incident.objects.get()


@pytest.mark.obligation("CN-16")
def test_a_case_names_what_led_to_it_and_nothing_that_it_only_looked_like(now):
    verdict = gate.check_input("I have the pills in front of me", cast.ADA)
    assert "drugs" in verdict.labels  # a head takes it for that, without consequence
    case = heard(now, "I have the pills in front of me")
    assert case.reasons == ["self_harm.means.en", "self_harm", "head:self_harm"]
    assert labels.named(case.reasons) == "danger to life"


@pytest.mark.obligation("CN-16")
def test_what_makes_a_case_graver_stands_before_what_opened_it(now):
    opened = heard(now, "I don't want to be alive").reasons
    raised = heard(now, "I have the pills in front of me").reasons
    assert raised[0] == "self_harm.means.en"
    assert set(opened) <= set(raised)
    later = heard(now, "I cried all night").reasons
    assert later[: len(raised)] == raised
    assert labels.named(later).split(", ")[0] == "danger to life"
