"""Claiming a due row so that exactly one process works on it, and losing it safely.

A claim is a transaction of its own: it sets a lease, raises the fence and notes the
database session that took it. Every later write names the fence; one that finds it
changed writes nothing (`Lost`). Another may claim the row when the lease lapses, or at
once when the session is gone, as it is when its process was killed. Nothing here waits
for a lock: rows that others hold are passed over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

LEASE = timedelta(seconds=30)  # more than twice the longest time-out of a provider
Row = TypeVar("Row", bound=Model)

CLAIM = """
with moment as (select coalesce(%(now)s, statement_timestamp()) as now)
update {table} as mine
   set state = %(taken)s, lease_until = moment.now + %(lease)s,
       fence = mine.fence + 1, attempts = mine.attempts + 1, holder = pg_backend_pid()
  from moment
 where mine.id = (
    select one.id from {table} as one
      left join safety_incident as incident on incident.id = one.incident_id
     where (one.state = %(ready)s or one.state = %(taken)s)
       and one.due_at + %(overdue)s <= (select now from moment)
       and (one.lease_until is null or one.lease_until <= (select now from moment)
            or not exists (select from pg_stat_activity where pid = one.holder))
       {further}
     order by incident.severity desc nulls last, one.due_at
     limit 1 for update of one skip locked)
returning mine.*
"""


class Lost(Exception):
    """Another process has the row by now, or nobody needs it any more."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What may be claimed: `ready` becomes `taken`; `taken` again when it was let go.
    `further` is a condition in SQL on `one`, with its own parameters."""

    ready: str
    taken: str
    further: str = ""


def claim(
    model: type[Row],
    claims: Claims,
    *,
    now: datetime | None,
    overdue: timedelta = timedelta(0),
    **parameters: Any,
) -> Row | None:
    """The most urgent row that is due, or None. Without `now` the database's clock
    decides; only what is late by `overdue` is taken."""
    table = connection.ops.quote_name(model._meta.db_table)
    sql = CLAIM.format(table=table, further=claims.further)
    values = {"ready": claims.ready, "taken": claims.taken, "lease": LEASE}
    found = model._default_manager.raw(
        sql, values | {"now": now, "overdue": overdue} | parameters
    )
    return next(iter(found), None)


def move(row: Model, claims: Claims, **changes: Any) -> None:
    """Changes a claimed row and lets it go. Raises `Lost`."""
    fence = getattr(row, "fence")  # noqa: B009 - every claimed model has one
    changed = type(row)._default_manager.filter(
        pk=row.pk, fence=fence, state=claims.taken
    )
    if not changed.update(lease_until=None, holder=None, **changes):
        raise Lost(str(row.pk))
