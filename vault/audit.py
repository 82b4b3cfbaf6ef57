"""The audit chain: append-only lists of acts, each entry holding the hash of the last.

One chain per person (and one per system part), so that people never wait for each
other. Entries hold ids, codes and versions, never words of people.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from vault.models import AuditEntry

Fact = str | int | list[str] | None
LONGEST_FACT = 200  # characters: enough for ids and codes, too short for a confession
FIRST = "0" * 64
STANDS_STILL = "15s"  # a process that was stopped or frozen


class ChainBroken(Exception):
    """Someone changed the past. `seq` is the first entry that does not fit."""

    def __init__(self, chain: str, seq: int, reason: str) -> None:
        super().__init__(f"chain {chain}, entry {seq}: {reason}")
        self.seq = seq
        self.reason = reason


def record(
    *, chain: UUID | str, act: str, actor: str, facts: Mapping[str, Fact]
) -> AuditEntry:
    """Append one entry inside the caller's transaction: the act and its entry are
    committed together or not at all. Raises ValueError for a fact that is too long."""
    _refuse_long(facts)
    name = str(chain)
    with transaction.atomic():
        lock(chain=name)
        last = AuditEntry.objects.filter(chain=name).order_by("-seq").first()
        entry = AuditEntry(
            chain=name,
            seq=last.seq + 1 if last else 1,
            at=timezone.now(),
            act=act,
            actor=actor,
            facts=dict(facts),
            prev_hash=last.hash if last else FIRST,
        )
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
    return entry


def verify(chain: UUID | str) -> int:
    """Read a whole chain; returns the number of entries, raises `ChainBroken`."""
    expected, previous = 1, FIRST
    for entry in AuditEntry.objects.filter(chain=str(chain)).order_by("seq").iterator():
        if entry.seq != expected:
            raise ChainBroken(str(chain), expected, "an entry is missing")
        if entry.prev_hash != previous:
            raise ChainBroken(str(chain), entry.seq, "it does not follow the last")
        if entry.hash != _hash(entry):
            raise ChainBroken(str(chain), entry.seq, "it was changed")
        expected, previous = expected + 1, entry.hash
    return expected - 1


def lock(*, chain: UUID | str) -> None:
    """Held until the transaction ends; other chains do not wait. An act that also
    locks rows takes this first, so that no two ever wait for each other. Who stands
    still with it for `STANDS_STILL` loses transaction and lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0)),"
            " set_config('idle_in_transaction_session_timeout', %s, true)",
            [str(chain), STANDS_STILL],
        )


def _hash(entry: AuditEntry) -> str:
    covered = [
        entry.chain,
        entry.seq,
        _moment(entry.at),
        entry.act,
        entry.actor,
        entry.facts,
        entry.prev_hash,
    ]
    canonical = json.dumps(
        covered, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _moment(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _refuse_long(facts: Mapping[str, Fact]) -> None:
    for name, value in facts.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str) and len(part) > LONGEST_FACT:
                raise ValueError(f"fact {name} is longer than {LONGEST_FACT}")
