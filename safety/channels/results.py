"""What a provider made of a notice. Reasons are codes: no address, no text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken it. `provider_id` is its own name for it, or ""."""

    provider_id: str = ""


class Temporary(Exception):
    """It may work in a moment: no connection, too busy, too slow."""


class Permanent(Exception):
    """It will never work like this: refused, no such address. Use another way."""
