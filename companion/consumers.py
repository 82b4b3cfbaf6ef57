"""The chat socket: decode, call, encode. It holds no rule and no row.

A frame that is refused is answered in words and changes nothing; whatever breaks
here stays within this one socket.
"""

import logging
import secrets
import traceback
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation
from redis.exceptions import RedisError

from accounts.gate import GateClosed
from accounts.sessions import user_of
from companion import acts, protocol, stream
from companion.protocol import BadFrame
from companion.protocol.commands import Command, Hello
from companion.protocol.events import Error, Event
from companion.refusal import Refused
from companion.stream import Channel, in_thread

SESSION_EXPIRED, NOT_FOUND = 4401, 4404
log = logging.getLogger(__name__)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped
    channel: Channel | None = None
    cursor = ""  # nothing is forwarded before the page has said where it stands

    async def connect(self) -> None:
        await self.accept()
        user = await self._user()
        if user is None:
            await self.close(SESSION_EXPIRED)
            return
        conversation = UUID(str(self.scope["url_route"]["kwargs"]["conversation"]))
        self.channel = await in_thread(acts.channel_of)(user, conversation)
        if self.channel is None:
            await self.close(NOT_FOUND)
            return
        try:
            await self.channel_layer.group_add(self.channel.group, self.channel_name)
        except (RedisError, OSError):
            log.warning("a socket of %s cannot be woken", self.channel.conversation)

    async def disconnect(self, code: int) -> None:
        if self.channel:
            with suppress(RedisError, OSError):
                await self.channel_layer.group_discard(
                    self.channel.group, self.channel_name
                )

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """One frame of the page. Every failure is answered; none is thrown."""
        client_id = None
        try:
            command = protocol.decode(text_data or bytes_data or b"")
            client_id = getattr(command, "client_id", None)
            await self._obey(command)
        except BadFrame as bad:
            await self._refuse(Refused(bad.code), client_id)
        except GateClosed:
            await self._refuse(Refused("gate_closed"), client_id)
        except Refused as refused:
            await self._refuse(refused, client_id)
        except Exception as broken:
            # Only its kind and place are logged: words of people may stand in the rest.
            where = "".join(traceback.format_tb(broken.__traceback__))
            kind = type(broken).__name__
            log.error("a frame of %s broke: %s\n%s", self.channel, kind, where)
            await self._refuse(Refused("unavailable"), client_id)

    async def _obey(self, command: Command) -> None:
        user = await self._user()
        if user is None or self.channel is None:
            await self.close(SESSION_EXPIRED)
            return
        if isinstance(command, Hello):
            self.cursor = command.cursor or stream.START
            await self._forward()
        answer = await acts.act(user, self.channel, command, self._say_if_open)
        if answer:
            await self._say(answer)

    async def stream_changed(self, message: dict[str, Any]) -> None:
        """Woken by a turn, in whichever process it runs."""
        await self._forward()

    async def stream_whispered(self, message: dict[str, Any]) -> None:
        """What only counts now, such as somebody typing."""
        await self.send(text_data=message["frame"])

    async def _forward(self) -> None:
        if not self.cursor or self.channel is None:
            return
        for cursor, event in await stream.after(self.channel, self.cursor):
            self.cursor = cursor
            await self._say(event, cursor)

    async def _user(self) -> Any:
        """The session's user now, not the one of the handshake: a sign-out, a new
        password or a lock takes effect with the next frame."""
        session = self.scope.get("session")
        user = session and await in_thread(user_of)(session.session_key)
        if user:
            translation.activate(user.language)
        return user

    async def _refuse(self, refused: Refused, client_id: UUID | None) -> None:
        reference = secrets.token_hex(4)
        log.info("refused %s (%s) in %s", refused.code, reference, self.channel)
        await self._say(
            Error(
                code=refused.code,
                text=refused.words,
                ref=reference,
                client_id=client_id,
                retry_after=refused.retry_after,
            )
        )

    async def _say_if_open(self, event: Event) -> None:
        """Told by a turn that goes on when this socket is gone."""
        with suppress(RuntimeError, ConnectionError):
            await self._say(event)

    async def _say(self, event: Event, cursor: str = "") -> None:
        await self.send(text_data=protocol.encode(event, cursor))
