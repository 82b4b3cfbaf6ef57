"""The acts of the conversation, of operators on its engines and, in `takeover` and
`cases`, of people who come in. Each checks the right, changes the rows and writes the
audit entry in one transaction; none of them asks a model for words.
"""

from companion.services.conversations import (
    leave,
    put_card_away,
    start_conversation,
)
from companion.services.disputes import (
    Opened,
    claim_dispute,
    decide_dispute,
    dispute_suspension,
    dispute_turn,
    kind_of,
    may_decide,
    may_give_examples,
    open_dispute,
    take_examples,
    target_of,
)
from companion.services.endings import (
    LEASE,
    MadeBy,
    enter_engine,
    fail,
    fail_orphans,
    finish,
    renew_lease,
)
from companion.services.engines import (
    begin_switch,
    carry_out_switch,
    fail_lost_switches,
    may_switch,
)
from companion.services.turns import (
    TITLE_CHARACTERS,
    Accepted,
    accept,
    accept_retry,
)

__all__ = [
    "LEASE",
    "TITLE_CHARACTERS",
    "Accepted",
    "MadeBy",
    "Opened",
    "accept",
    "accept_retry",
    "begin_switch",
    "carry_out_switch",
    "claim_dispute",
    "decide_dispute",
    "dispute_suspension",
    "dispute_turn",
    "enter_engine",
    "fail",
    "fail_lost_switches",
    "fail_orphans",
    "finish",
    "kind_of",
    "leave",
    "may_decide",
    "may_give_examples",
    "may_switch",
    "open_dispute",
    "put_card_away",
    "renew_lease",
    "start_conversation",
    "take_examples",
    "target_of",
]
