"""What Celery does by itself, how often, which tasks have a queue of their own, and
when the broker hands on what a dead worker held.

A beat only looks for rows that are due: no duty hangs on it alone. What was not fetched
in time is not worth doing late, the next beat does it.
"""

from typing import Any

TRANSPORT = {
    "socket_connect_timeout": 2,
    "max_retries": 0,  # who wrote a duty does it at once when the broker is away
    "visibility_timeout": 120,  # longer than the longest task
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
ROUTES = {"safety.tasks.*": {"queue": "urgent"}}
BEAT: dict[str, dict[str, Any]] = {
    "run-due": {
        "task": "safety.tasks.run_due",
        "schedule": 2.0,
        "options": {"expires": 10.0},
    },
    "send-letters": {
        "task": "accounts.tasks.send_letters",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "forget-old-signs": {
        "task": "safety.tasks.forget_old",
        "schedule": 21_600.0,
        "options": {"expires": 3_600.0},
    },
    "fail-orphaned-turns": {
        "task": "companion.tasks.fail_orphaned_turns",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
}
