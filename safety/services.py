"""The acts of safety: so far one, to note what the gate decided.

The entry is written in the transaction of the message it is about: a decision and its
record are committed together or not at all. No words of people go in.
"""

from uuid import UUID

from safety.verdict import Verdict
from vault import audit


def record_verdict(
    *, subject_id: UUID, direction: str, message_id: UUID, verdict: Verdict
) -> None:
    """`direction` is `input` or `output`; `message_id` the message, or the turn where
    nothing was said."""
    audit.record(
        chain=subject_id,
        act=f"gate.{direction}",
        actor="safety.gate",
        facts={
            "message": str(message_id),
            "tier": int(verdict.tier),
            "action": verdict.action.value,
            "labels": list(verdict.labels),
            "rules": list(verdict.rules),
            "policy": verdict.policy,
            "failed": list(verdict.failed),
        },
    )
