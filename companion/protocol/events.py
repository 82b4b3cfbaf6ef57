"""What the server says to a page: typed frames, named with dots. Nothing unchecked is
ever in one.
"""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from companion.protocol.frame import Author, Frame, Outcome, Status


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
