"""Where the test of the chain ends: nobody is told."""

from uuid import UUID

from safety.channels.results import Sent
from safety.notices import Text


def send(key: UUID, address: str, text: Text) -> Sent:
    return Sent(provider_id=str(key))
