"""What a browser may send: typed frames, named with dots. Anything else is refused."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from companion.protocol.frame import Frame

Cursor = Annotated[str, Meta(pattern=r"^(\d{1,15}-\d{1,9})?$")]


class Hello(Frame, frozen=True, tag="hello"):
    """First frame of a socket: `cursor` is the last event that the page has seen."""

    cursor: Cursor


class Send(Frame, frozen=True, tag="message.send"):
    """`client_id` makes a resend harmless: the same id is the same message."""

    client_id: UUID
    text: str


class Stop(Frame, frozen=True, tag="turn.stop"):
    turn: UUID


class Retry(Frame, frozen=True, tag="turn.retry"):
    """Ask for another answer to the message that `turn` answered (or failed to)."""

    client_id: UUID
    turn: UUID


class LeaveSupport(Frame, frozen=True, tag="support.leave"):
    """The person puts the crisis card away: safe now, or it was wrong."""

    reason: Literal["safe", "wrong"]


class Leave(Frame, frozen=True, tag="session.leave"):
    """The exit button: the conversation closes at once."""


class Decline(Frame, frozen=True, tag="takeover.decline"):
    """The person wants nobody from the team; the numbers stay."""


class Ask(Frame, frozen=True, tag="takeover.ask"):
    """The person who declined wants somebody after all."""


class Typing(Frame, frozen=True, tag="takeover.typing"):
    """Keys are pressed; whoever is on the other side may see that, and no word."""


class Read(Frame, frozen=True, tag="takeover.read"):
    """Everything up to `message` has been on the screen."""

    message: UUID


class Ping(Frame, frozen=True, tag="ping"):
    pass


Command = (
    Hello
    | Send
    | Stop
    | Retry
    | LeaveSupport
    | Leave
    | Decline
    | Ask
    | Typing
    | Read
    | Ping
)
