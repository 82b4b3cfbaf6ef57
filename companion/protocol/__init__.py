"""The frames of the chat socket: typed, named with dots, nothing else crosses it.

`decode` turns bytes into a command or raises `BadFrame`; `encode` turns an event
into JSON text.
"""

import msgspec

from companion.protocol.commands import Command
from companion.protocol.events import Event

PROTOCOL_VERSION = 1
MAX_FRAME_BYTES = 16 * 1024  # security: 4,000 Chinese characters fit in 12 KiB
MAX_MESSAGE_CHARACTERS = 4_000


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
