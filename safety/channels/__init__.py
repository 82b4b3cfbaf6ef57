"""How a notice leaves the site: one way per channel, chosen by dotted path.

`send` hands one text to one address and says what the other side made of it. It
decides nothing: retries, other channels and other people are rows (`deliveries`).
"""

import threading
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from safety.channels.results import Permanent, Sent, Temporary
from safety.notices import Text
from safety.policy import POLICY

__all__ = ["Permanent", "Sent", "Temporary", "prepare", "send"]
Way = Callable[[UUID, str, Text], Sent]


class Addressed(Protocol):
    """What a channel reads of a delivery. `id` is the idempotency key."""

    @property
    def id(self) -> UUID: ...
    @property
    def channel(self) -> str: ...


def prepare(channel: str) -> Way:
    """Reads what the channel needs: the first time takes seconds, which must not pass
    between the last look at a notice and its sending. Raises `Permanent`."""
    try:
        way: Way = import_string(settings.NOTICE_CHANNELS[channel])
    except KeyError:
        raise Permanent("no such channel") from None
    return way


def send(delivery: Addressed, address: str, text: Text) -> Sent:
    """Raises `Temporary` or `Permanent`; takes no longer than the time limit."""
    way = prepare(delivery.channel)
    return _within_limit(lambda: way(delivery.id, address, text))


def _within_limit(act: Callable[[], Sent]) -> Sent:
    """A thread that hangs is left behind: what it still delivers has the same key."""
    outcome: list[Sent | Exception] = []

    def run() -> None:
        try:
            outcome.append(act())
        except Exception as failed:  # handed to the caller
            outcome.append(failed)

    thread = threading.Thread(target=run, name="notice", daemon=True)
    thread.start()
    thread.join(POLICY.notice.timeout)
    if not outcome:
        raise Temporary("no answer in time")
    if isinstance(outcome[0], (Temporary, Permanent)):
        raise outcome[0]
    if isinstance(outcome[0], Exception):
        raise Temporary(type(outcome[0]).__name__) from outcome[0]
    return outcome[0]
