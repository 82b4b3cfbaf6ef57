"""One open page for the tests of the socket: what it sends, what it is told."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from asgiref.testing import ApplicationCommunicator
from django.test import Client

from companion.services import start_conversation
from config.asgi import application
from tests.accounts import cast

ORIGIN = (b"origin", b"http://127.0.0.1:8000")


def signed_in(name):
    now = datetime.now(UTC)
    user = getattr(cast, name)(now)
    chat = start_conversation(user=user, persona="mei", now=now)
    browser = Client()
    browser.force_login(user)
    return user, chat, browser


class Tab:
    """One open page: what it sends, what it is told."""

    def __init__(self, chat, browser, origin=ORIGIN):
        headers = [origin] if origin else []
        if browser:
            cookies = "; ".join(f"{k}={v.value}" for k, v in browser.cookies.items())
            headers.append((b"cookie", cookies.encode()))
        scope = {
            "type": "websocket",
            "path": f"/ws/chat/{chat.id}/",
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        self.wire = ApplicationCommunicator(application, scope)
        self.heard = []

    async def knock(self):
        """The first answer of the server: accepted, or closed at the door."""
        await self.wire.send_input({"type": "websocket.connect"})
        return await self.wire.receive_output(timeout=5)

    async def open(self, cursor="0-0"):
        assert (await self.knock())["type"] == "websocket.accept"
        await self.send({"type": "hello", "cursor": cursor})
        await self.until("session.ready")
        return self

    async def send(self, frame):
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self.wire.send_input({"type": "websocket.receive", "text": text})

    async def say(self, text, client_id=None):
        client_id = str(client_id or uuid4())
        await self.send({"type": "message.send", "client_id": client_id, "text": text})
        return client_id

    async def until(self, kind):
        """The next frame of that kind; what comes before it is kept in `heard`."""
        while True:
            sent = await self.wire.receive_output(timeout=10)
            frame = json.loads(sent["text"])
            self.heard.append(frame)
            if frame["type"] == kind:
                return frame

    def kinds(self):
        return [frame["type"] for frame in self.heard]
