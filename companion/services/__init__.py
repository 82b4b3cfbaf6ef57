"""The acts of the conversation. Each checks the right, changes the rows and writes the
audit entry in one transaction; none of them calls a model.
"""

from companion.services.conversations import (
    leave,
    put_card_away,
    start_conversation,
)
from companion.services.turns import (
    LEASE,
    TITLE_CHARACTERS,
    Accepted,
    MadeBy,
    accept,
    accept_retry,
    fail,
    fail_orphans,
    finish,
    renew_lease,
)

__all__ = [
    "LEASE",
    "TITLE_CHARACTERS",
    "Accepted",
    "MadeBy",
    "accept",
    "accept_retry",
    "fail",
    "fail_orphans",
    "finish",
    "leave",
    "put_card_away",
    "renew_lease",
    "start_conversation",
]
