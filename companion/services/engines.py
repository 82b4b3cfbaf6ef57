"""The acts of an operator on an engine: give it another model.

Who may not is refused before anything is asked of the engine. The wish stands in the
audit chain before the engine hears of it, and its end when that is known.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from companion.engine import catalogue, control
from companion.engine.addresses import addresses, place
from companion.engine.request import EngineFailed
from companion.models import EngineSwitch, SwitchState
from companion.refusal import Refused
from vault import audit

LEASE = timedelta(seconds=control.SWITCH_SECONDS + 20)
LONGEST_NAME, LONGEST_REASON = 120, 300
ENDS = {
    "refused": SwitchState.REFUSED,
    "busy": SwitchState.REFUSED,
    "unreachable": SwitchState.UNREACHABLE,
}


def may_switch(user: User) -> bool:
    is_operator = user.is_active and user.is_staff
    return is_operator and user.has_perm("companion.add_engineswitch")


def begin_switch(*, by: User, engine: str, model: str, now: datetime) -> EngineSwitch:
    """Note that an operator wants another model of the catalogue on an engine.

    `engine` is its address as pages show it. Raises `PermissionDenied`, or `Refused`
    when the engine cannot be asked now; nothing has changed then.
    """
    if not may_switch(by):
        raise PermissionDenied
    old = _model_of(engine)
    switch = EngineSwitch(
        by=by,
        engine=engine,
        old=old,
        new=_in_catalogue(model),
        begun_at=now,
        lease_until=now + LEASE,
    )
    fail_lost_switches(now=now)
    try:
        with transaction.atomic():
            switch.save(force_insert=True)
            _record(switch, "engine.switch_begun", actor=str(by.pk))
    except IntegrityError:
        raise Refused("switch_under_way") from None
    return switch


def carry_out_switch(*, switch: EngineSwitch) -> None:
    """Ask the engine for what was noted, then note what came of it.

    Takes as long as loading does, and no longer than `control.SWITCH_SECONDS`; keeps
    no connection to the database meanwhile.
    """
    try:
        control.use_model(_url(switch.engine), switch.new, key=settings.ENGINE_KEY)
        state, reason = SwitchState.DONE, ""
    except EngineFailed as failure:
        state = ENDS.get(failure.kind, SwitchState.UNKNOWN)
        reason = _why(failure) if state is SwitchState.REFUSED else ""
    _end(switch, state, reason, actor=str(switch.by_id), now=timezone.now())


def fail_lost_switches(*, now: datetime) -> None:
    """Close what a process that is gone had begun: nobody knows how it ended."""
    lost = EngineSwitch.objects.filter(state=SwitchState.UNDER_WAY, lease_until__lt=now)
    for switch in lost:
        _end(switch, SwitchState.UNKNOWN, "", actor="companion", now=now)


def _why(failure: EngineFailed) -> str:
    """The engine's own sentence; of a lost connection there is none."""
    return str(failure).removeprefix(f"{failure.kind}: ")


def _end(
    switch: EngineSwitch, state: SwitchState, reason: str, *, actor: str, now: datetime
) -> None:
    told = {"state": state, "reason": reason[:LONGEST_REASON], "ended_at": now}
    with transaction.atomic():
        rows = EngineSwitch.objects.filter(pk=switch.pk, state=SwitchState.UNDER_WAY)
        if rows.update(**told):
            _record(switch, "engine.switch_ended", actor=actor, outcome=state.value)
    switch.refresh_from_db()


def _record(switch: EngineSwitch, act: str, *, actor: str, **facts: str) -> None:
    """In the operator's own chain: what they did, and to which engine."""
    about = {"engine": switch.engine, "from": switch.old, "to": switch.new}
    audit.record(chain=switch.by_id, act=act, actor=actor, facts=about | facts)


def _model_of(engine: str) -> str:
    """What the engine runs now. One that does not answer, or cannot change its
    model, is not asked for another."""
    try:
        seen = control.state(_url(engine), key=settings.ENGINE_KEY)
    except EngineFailed:
        raise Refused("engine_away") from None
    if not seen.is_ours:
        raise Refused("engine_fixed")
    return seen.model[:LONGEST_NAME]


def _url(engine: str) -> str:
    for url in addresses(settings.ENGINE_URL):
        if place(url) == engine:
            return url
    raise Refused("engine_away")


def _in_catalogue(model: str) -> str:
    """Names only: a page never makes an engine open a file of somebody's choice."""
    try:
        return catalogue.entry(model).name
    except catalogue.NoModel:
        raise Refused("model_unknown") from None
