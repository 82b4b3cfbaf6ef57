"""Rows for tests of the ladder: subjects, verdicts, routes, and people on duty."""

from datetime import timedelta
from uuid import UUID, uuid4

from safety import incidents, routes
from safety.models import OwnerKind, RouteState, Shift, ShiftRole
from safety.verdict import Action, Hit, Tier, Verdict
from tests.safety import cast

OTTO, OLGA, SUE = UUID(int=101), UUID(int=102), UUID(int=103)
GIL, GRETE = UUID(int=201), UUID(int=202)
PLAN = Verdict(Tier.T3, Action.SUPPORT, ("plan",), ("self_harm.plan",), "p/1")
WISH = Verdict(Tier.T2, Action.SUPPORT, ("wish",), ("self_harm.wish",), "p/1")
GUESS = Verdict(Tier.T2, Action.SUPPORT, ("wish",), ("head:wish",), "p/1")
SAD = Verdict(Tier.T1, Action.EASE, ("distress",), ("self_harm.distress",), "p/1")
TREND = Verdict(Tier.T1, Action.EASE, ("distress",), ("state:trend",), "p/1")


def refused(label, rule):
    """A prohibited request that this rule found."""
    hit = Hit(rule, label, Tier.T0, Action.BLOCK)
    return Verdict(Tier.T0, Action.BLOCK, (label,), (rule,), hits=(hit,))


def signal(now, verdict=PLAN, subject=cast.ADA, **more):
    return incidents.signal(
        subject=subject,
        verdict=verdict,
        message=uuid4(),
        conversation=UUID(int=9),
        now=now,
        **more,
    )


def contact_route(subject=cast.ADA, owner=GIL, channel="test", position=0, **more):
    return routes.write_route(
        owner_kind=OwnerKind.CONTACT,
        owner=owner,
        subject=subject.id,
        contact_kind=more.pop("contact_kind", "emergency"),
        channel=channel,
        address=more.pop("address", "gil@example.org"),
        name="Gil",
        language="en",
        position=position,
        state=more.pop("state", RouteState.CONFIRMED),
    )


def operator_route(operator=OTTO, **more):
    return routes.write_route(
        owner_kind=more.pop("owner_kind", OwnerKind.OPERATOR),
        owner=operator,
        channel=more.pop("channel", "test"),
        address="otto@example.org",
        name="Otto",
        language="en",
        state=RouteState.CONFIRMED,
    )


def on_duty(now, operator=OTTO, role=ShiftRole.RESPONDER):
    return Shift.objects.create(
        operator=operator,
        role=role,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=8),
    )
