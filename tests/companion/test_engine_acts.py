"""Giving an engine another model: who may, what becomes of it, what the audit chain
holds of it.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import operators
from accounts.roles import Role
from companion import engines, services
from companion.models import EngineSwitch, SwitchState
from companion.refusal import Refused
from tests.companion.operated import BROKEN, FIRST, SECOND, begin, chain, engine_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [r for r in Role if r != Role.SUPERVISOR])
def test_no_other_role_may_switch(db, role, engine):
    operator = operators.make_operator(
        email="op@example.org", name="Op", role=role, language="en"
    )
    assert operator.has_perm("companion.view_engineswitch")
    with pytest.raises(PermissionDenied):
        begin(operator, engine)


def test_who_is_no_operator_any_more_may_not_switch(otto, engine):
    for change in ({"is_staff": False}, {"is_staff": True, "is_active": False}):
        type(otto).objects.filter(pk=otto.pk).update(**change)
        otto = type(otto).objects.get(pk=otto.pk)
        with pytest.raises(PermissionDenied):
            begin(otto, engine)
    assert not EngineSwitch.objects.exists()


@pytest.mark.obligation("CN-12")
def test_a_switch_is_noted_before_and_after(otto, engine):
    switch = begin(otto, engine)
    about = {"engine": engine, "from": FIRST, "to": SECOND}
    begun = (str(otto.id), "engine.switch_begun", about)
    assert chain(otto) == [begun]
    services.carry_out_switch(switch=switch)
    done = (str(otto.id), "engine.switch_ended", about | {"outcome": "done"})
    assert chain(otto) == [begun, done]
    switch.refresh_from_db()
    assert (switch.state, switch.reason) == (SwitchState.DONE, "")
    assert engines.panels()[0].model == SECOND


def test_a_model_that_fails_is_noted_and_the_old_one_answers(otto, engine):
    switch = begin(otto, engine, BROKEN)
    services.carry_out_switch(switch=switch)
    about = {"engine": engine, "from": FIRST, "to": BROKEN}
    assert chain(otto) == [
        (str(otto.id), "engine.switch_begun", about),
        (str(otto.id), "engine.switch_ended", about | {"outcome": "refused"}),
    ]
    switch.refresh_from_db()
    assert switch.reason == "the sha256 is another one"
    panel = engines.panels()[0]
    assert (panel.state, panel.model) == ("ok", FIRST)


def test_an_engine_that_went_away_in_between(otto, settings, run, models):
    with engine_at(run / "e.sock") as url:
        settings.ENGINE_URL = url
        switch = begin(otto, str(run / "e.sock"))
    services.carry_out_switch(switch=switch)
    assert chain(otto)[-1][2]["outcome"] == "unreachable"
    assert [panel.state for panel in engines.panels()] == ["away"]


def test_one_engine_gets_one_model_at_a_time(otto, engine):
    begin(otto, engine)
    with pytest.raises(Refused) as refused:
        begin(otto, engine, BROKEN)
    assert refused.value.code == "switch_under_way"
    assert len(chain(otto)) == 1


def test_a_switch_whose_process_is_gone_ends_unknown_and_blocks_nobody(otto, engine):
    lost = begin(otto, engine)
    rows = EngineSwitch.objects.filter(pk=lost.pk)
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    services.fail_lost_switches(now=timezone.now())
    lost.refresh_from_db()
    assert lost.state == SwitchState.UNKNOWN
    actor, act, facts = chain(otto)[-1]
    assert (actor, act) == ("companion", "engine.switch_ended")
    assert facts["outcome"] == "unknown"
    begin(otto, engine)


@pytest.mark.parametrize(
    ("engine_named", "model", "code"),
    [
        ("elsewhere:1", SECOND, "engine_away"),
        (None, "nobody-knows-it", "model_unknown"),
        (None, "/etc/passwd.gguf", "model_unknown"),
    ],
)
def test_only_own_engines_and_known_models(otto, engine, engine_named, model, code):
    with pytest.raises(Refused) as refused:
        begin(otto, engine_named or engine, model)
    assert refused.value.code == code
    assert chain(otto) == []


def test_an_engine_that_is_down_is_not_asked(otto, settings, run):
    settings.ENGINE_URL = f"unix://{run}/none.sock"
    with pytest.raises(Refused) as refused:
        begin(otto, f"{run}/none.sock")
    assert refused.value.code == "engine_away"
