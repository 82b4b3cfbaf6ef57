"""Which embedded servers a start needs: those that no variable names.

Never used in production unless somebody asked for them in so many words.
"""

import os
from collections.abc import Iterator

from config.failure import StartFailed
from config.supervisor import Supervisor


def start(supervisor: Supervisor) -> Iterator[tuple[str, str]]:
    """Starts what is not named, and yields each variable that names it from now on."""
    database = not os.environ.get("DATABASE_URL")
    broker = not os.environ.get("REDIS_URL")
    if database or broker:
        refuse_in_production()
    # Only now: with servers of one's own the wheels need not be there.
    from config.embedded import postgres, privileges, valkey  # noqa: PLC0415

    if database:
        supervisor.start(postgres.program(privileges.account()))
        postgres.create_database()
        yield "DATABASE_URL", postgres.url()
    if broker:
        supervisor.start(valkey.program(privileges.account()))
        yield "REDIS_URL", valkey.url()


def refuse_in_production() -> None:
    production = os.environ.get("COMPANION_ENV") == "production"
    if production and os.environ.get("EMBEDDED_IN_PRODUCTION") != "1":
        raise StartFailed(
            "In production set DATABASE_URL and REDIS_URL. The embedded servers have "
            "no backup; EMBEDDED_IN_PRODUCTION=1 uses them all the same."
        )
