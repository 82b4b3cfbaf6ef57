"""The acts on incidents: open and raise, hold and close. Each checks who holds it,
changes the rows, writes the duties that follow and the audit entry, in one
transaction. None of them sends anything.
"""

from safety.incidents.holding import (
    NO_ANSWER,
    REACHED,
    NotHolder,
    claim,
    close,
    hand_back,
    owes_call,
    owing_calls,
    record_call,
    renew,
    replied,
    transfer,
)
from safety.incidents.moves import IllegalMove, locked
from safety.incidents.opening import (
    confirm_danger,
    implicate_guardian,
    lower,
    signal,
    tell_contacts,
)

__all__ = [
    "NO_ANSWER",
    "REACHED",
    "IllegalMove",
    "NotHolder",
    "claim",
    "close",
    "confirm_danger",
    "hand_back",
    "implicate_guardian",
    "locked",
    "lower",
    "owes_call",
    "owing_calls",
    "record_call",
    "renew",
    "replied",
    "signal",
    "tell_contacts",
    "transfer",
]
