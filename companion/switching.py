"""Carries a change of the model out beside the requests: no page waits for a loading.

Runs in the web process, where every engine can be reached; a process that dies leaves
a row whose lease lapses.
"""

import logging
import threading

from django.db import DatabaseError, connections

from companion.models import EngineSwitch
from companion.services import carry_out_switch

log = logging.getLogger(__name__)


def launch(switch: EngineSwitch) -> threading.Thread:
    thread = threading.Thread(
        target=_run, args=(switch,), name="engine switch", daemon=True
    )
    thread.start()
    return thread


def _run(switch: EngineSwitch) -> None:
    try:
        carry_out_switch(switch=switch)
    except DatabaseError as away:
        # The row stays under way until its lease lapses. Anything else is a mistake
        # in the code and ends the thread aloud.
        log.error("the end of switch %s is not noted: %s", switch.pk, away)
    finally:
        connections.close_all()
