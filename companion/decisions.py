"""What was decided about a person's own messages, for their page: cards, messages and
replies that were held back, suspensions, and what became of their “this was wrong”.

Reads rows, changes none. Never a tier, and never a class of danger (CN-14).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companion import fixed
from companion.frames import readable
from companion.models import Turn, TurnState
from companion.services import kind_of, target_of
from safety.models import Dispute, DisputeKind, DisputeState, Suspension

SHOWN_DAYS = timedelta(days=90)
MOST = 100
EXCERPT = 120
WHAT: dict[DisputeKind, Promise] = {
    DisputeKind.CARD: _("The help card was shown."),
    DisputeKind.BLOCK: _("Your message was not passed on."),
    DisputeKind.REPLY: _("A reply of the companion was held back."),
    DisputeKind.SUSPENSION: _("For a while nothing was passed on to a companion."),
}
OUTCOME: dict[str, Promise] = {
    DisputeState.OPEN: _("You said that this was wrong. A person will look at it."),
    DisputeState.CLAIMED: _("A person is looking at it."),
    DisputeState.UPHELD: _("A person looked at it: the decision stands."),
    DisputeState.OVERTURNED: _(
        "A person looked at it: it was wrong, and it counts no more."
    ),
}


@dataclass(frozen=True, slots=True)
class DecisionItem:
    """`words` are the person's own, or empty; `outcome` is empty before a dispute."""

    id: UUID
    kind: DisputeKind
    what: str
    at: datetime
    until: datetime | None
    words: str
    outcome: str


def decisions(user: User, now: datetime) -> list[DecisionItem]:
    """Those of the last 90 days, newest first."""
    disputed = dict(
        Dispute.objects.filter(subject=user.id).values_list("target", "state")
    )
    since = now - SHOWN_DAYS
    items = [_of_turn(turn, disputed) for turn in _turns(user, since)]
    items += [
        _of_suspension(row, disputed)
        for row in Suspension.objects.filter(subject=user.id, since__gte=since)
    ]
    return sorted(items, key=lambda item: item.at, reverse=True)


def _turns(user: User, since: datetime) -> list[Turn]:
    rows = Turn.objects.filter(conversation__user=user, started_at__gte=since)
    decided = rows.filter(state=TurnState.BLOCKED) | rows.filter(reason__in=fixed.CARDS)
    newest = decided.select_related("question", "conversation").order_by("-started_at")
    return list(newest[:MOST])


def _of_turn(turn: Turn, disputed: dict[UUID, str]) -> DecisionItem:
    kind = kind_of(turn) or DisputeKind.REPLY
    turn.question.conversation = turn.conversation
    return DecisionItem(
        id=turn.pk,
        kind=kind,
        what=str(WHAT[kind]),
        at=turn.started_at,
        until=None,
        words=readable(turn.question)[:EXCERPT],
        outcome=_outcome(disputed, target_of(turn)),
    )


def _of_suspension(row: Suspension, disputed: dict[UUID, str]) -> DecisionItem:
    return DecisionItem(
        id=row.pk,
        kind=DisputeKind.SUSPENSION,
        what=str(WHAT[DisputeKind.SUSPENSION]),
        at=row.since,
        until=row.until,
        words="",
        outcome=_outcome(disputed, row.pk),
    )


def _outcome(disputed: dict[UUID, str], target: UUID) -> str:
    return str(OUTCOME[disputed[target]]) if target in disputed else ""
