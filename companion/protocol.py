"""The frames of the chat socket: typed, named with dots, nothing else crosses it.

`decode` turns bytes into a command or raises `BadFrame`; `encode` turns an event
into JSON text. A frame never holds another person's text.
"""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

PROTOCOL_VERSION = 1
MAX_FRAME_BYTES = 16 * 1024  # security: 4,000 Chinese characters fit in 12 KiB
MAX_MESSAGE_CHARACTERS = 4_000

Cursor = Annotated[str, Meta(pattern=r"^(\d{1,15}-\d{1,9})?$")]
Outcome = Literal["done", "stopped", "blocked", "handed_over", "failed"]
Status = Literal["queued", "loading", "thinking"]
Author = Literal["user", "model", "system", "human"]


class Frame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=False):
    """Base of all frames; `type` is the tag."""


# --- What a browser may send


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


# --- What the server says


class TakeoverWaiting(Frame, frozen=True, tag="takeover.waiting"):
    """A person was asked to come and is not there. `staffed` is false while nobody is
    on duty: the words say so."""

    staffed: bool
    title: str
    body: str
    since: str


class TakeoverJoined(Frame, frozen=True, tag="takeover.joined"):
    """A person of the team is there; `name` is the one they have on duty."""

    name: str
    title: str
    body: str
    since: str


class TakeoverLeft(Frame, frozen=True, tag="takeover.left"):
    """Nobody of the team is there or comes. `state` is that of the dialogue now."""

    state: str


class TakeoverTyping(Frame, frozen=True, tag="takeover.typing"):
    """The person of the team is writing. It is told once and never replayed."""


class TakeoverRead(Frame, frozen=True, tag="takeover.read"):
    """The person of the team has read everything up to `message`."""

    message: UUID


class Ready(Frame, frozen=True, tag="session.ready"):
    """Answer to hello, after the replay. A page that does not show the message
    `latest` by then has missed something and loads itself again. `takeover` is who
    of the team is there or asked for, None when nobody is."""

    protocol: int
    state: str
    live_turn: UUID | None
    latest: UUID | None
    takeover: TakeoverWaiting | TakeoverJoined | None = None


class Message(Frame, frozen=True, tag="message"):
    """A message that is in the database. `html` is rendered and cleaned by the server.

    `answers` is the user message that a reply belongs to; several replies with the
    same `answers` are alternatives, the newest last.
    """

    id: UUID
    author: Author
    html: str
    text: str
    created_at: str
    client_id: UUID | None = None
    answers: UUID | None = None
    turn: UUID | None = None
    outcome: Outcome | None = None


class TurnStatus(Frame, frozen=True, tag="turn.status"):
    turn: UUID
    answers: UUID
    status: Status
    position: int = 0


class TurnDelta(Frame, frozen=True, tag="turn.delta"):
    """Checked text to append to the live bubble of `turn`."""

    turn: UUID
    text: str


class TurnRetract(Frame, frozen=True, tag="turn.retract"):
    """Take everything shown of `turn` back and show `text` in its place."""

    turn: UUID
    text: str


class TurnDone(Frame, frozen=True, tag="turn.done"):
    """The one terminal event of a turn. `message` is None when nothing was said.

    `reason` is a code that the page has words for, such as `engine_unreachable`.
    `horizon` is the first message that the companion still sees; None while it sees
    all. A turn of fixed words (`handed_over`) leaves it where it was.
    """

    turn: UUID
    outcome: Outcome
    reason: str = ""
    message: Message | None = None
    horizon: UUID | None = None


class Resource(Struct, frozen=True):
    """A place to turn to: `href` is a tel:, sms: or https: link."""

    name: str
    detail: str
    label: str
    href: str


class CrisisCard(Frame, frozen=True, tag="crisis.card"):
    """Fixed words in danger. It stays until the person puts it away. `told` says who
    outside is being told; a card that comes again brings it up to date."""

    id: UUID
    title: str
    body: str
    question: str
    resources: list[Resource]
    text_version: str
    told: str = ""


class Notice(Frame, frozen=True, tag="notice.ai"):
    title: str
    body: str
    text_version: str


class SessionClosed(Frame, frozen=True, tag="session.closed"):
    """The conversation has ended: exit word, exit button, or the session's end."""

    reason: Literal["exit", "signed_out", "deleted"]
    text: str


class Pong(Frame, frozen=True, tag="pong"):
    pass


class Error(Frame, frozen=True, tag="error"):
    """A refusal in words. `code` is stable, `ref` can be searched by an operator."""

    code: str
    text: str
    ref: str
    client_id: UUID | None = None
    retry_after: float = 0.0


Event = (
    Ready
    | Message
    | TurnStatus
    | TurnDelta
    | TurnRetract
    | TurnDone
    | CrisisCard
    | Notice
    | TakeoverWaiting
    | TakeoverJoined
    | TakeoverLeft
    | TakeoverTyping
    | TakeoverRead
    | SessionClosed
    | Pong
    | Error
)


class BadFrame(Exception):
    """The frame is no command. `code` is one of the error codes of the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_commands = msgspec.json.Decoder(Command)
_events = msgspec.json.Decoder(Event)


def decode(frame: str | bytes) -> Command:
    """Raises `BadFrame` for anything that is not exactly one command."""
    size = len(frame) if isinstance(frame, bytes) else len(frame.encode())
    if size > MAX_FRAME_BYTES:
        raise BadFrame("frame_too_large")
    try:
        text = frame.decode() if isinstance(frame, bytes) else frame
        command: Command = _commands.decode(text)
        return command
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFrame("frame_unreadable") from error


def encode(event: Event, cursor: str = "") -> str:
    """One event as JSON; events of the stream carry the cursor to resume from."""
    body = msgspec.to_builtins(event)
    if cursor:
        body["cursor"] = cursor
    return msgspec.json.encode(body).decode()


def pack(event: Event) -> bytes:
    """The event as bytes for the sealed stream."""
    return msgspec.json.encode(event)


def unpack(packed: bytes) -> Event:
    event: Event = _events.decode(packed)
    return event
