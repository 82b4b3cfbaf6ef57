"""The web process is killed while it streams answers."""

import json
import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from crowd import Crowd
from outcome import Outcome
from stage import Stage
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

ENDED = ("done", "stopped", "blocked", "handed_over", "failed")


@dataclass
class Tab:
    """One open page: `heard` are the numbered events that it was told."""

    url: str
    cookie: str
    chat: UUID
    wire: ClientConnection | None = None
    cursor: str = "0-0"
    heard: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def open(self) -> None:
        origin = self.url.replace("ws://", "http://").split("/ws/")[0]
        headers = {"Cookie": self.cookie, "Origin": origin}
        self.wire = connect(self.url, additional_headers=headers, open_timeout=10)
        self.say({"type": "hello", "cursor": self.cursor})

    def say(self, frame: dict) -> None:
        self.wire.send(json.dumps(frame))

    def until(self, kind: str, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                frame = json.loads(self.wire.recv(timeout=0.2))
            except TimeoutError:
                continue
            except ConnectionClosed:
                return False
            self.kinds.append(frame["type"])
            if cursor := frame.get("cursor"):
                self.cursor = cursor
                self.heard.append(cursor)
            if frame["type"] == kind:
                return True
        return False


def f17(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """So many answers at once, and SIGKILL of uvicorn in the middle of all."""
    rounds = {"quick": 2, "ci": 5, "long": 10}[size]
    pages = [_page(stage, number) for number in range({"quick": 6}.get(size, 20))]
    sent: list[UUID] = []
    for _ in range(rounds):
        for tab in pages:
            tab.kinds.clear()
            tab.open()
            tab.until("session.ready", 10)
        for tab in pages:
            sent.append(uuid4())
            tab.say({"type": "message.send", "client_id": str(sent[-1]),
                     "text": "How was your day?"})  # fmt: skip
        streaming = sum(tab.until("turn.delta", 20) for tab in pages)
        stage.kill("web")
        stage.play(2)
        stage.play(60, stage.web_is_ready)
        for tab in pages:
            tab.open()
        resumed = sum(tab.until("turn.done", 40) for tab in pages)
        for tab in pages:
            tab.wire.close()
        stage.steady("web")
    found = Outcome("F17", accepted=len(sent))
    kept, ended = _rows(sent)
    found.delivered, found.lost = kept, len(sent) - kept
    found.dup = sum(len(tab.heard) - len(set(tab.heard)) for tab in pages)
    gaps = sum(_gaps(tab) for tab in pages)
    events = sum(len(tab.heard) for tab in pages)
    found.notes |= {"kills": rounds, "streaming": streaming, "resumed": resumed,
                    "ended": ended, "events": events, "gaps": gaps}  # fmt: skip
    found.must(not found.lost, f"{found.lost} lost")
    found.must(not found.dup, "an event was told twice")
    found.must(bool(events) and not gaps, f"{gaps} events missing or out of order")
    found.must(ended == len(sent), "a turn has not ended")
    return found


def _gaps(tab: Tab) -> int:
    """How many numbered events the broker holds, up to the last one that the page was
    told, that the page was not told; and any that came out of order."""
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        kept = client.xrange(f"events:{tab.chat}", max=tab.cursor)
    wanted = [number.decode() for number, _ in kept]
    missing = len(set(wanted) - set(tab.heard))
    return missing + (not missing and wanted != tab.heard)


def _page(stage: Stage, number: int) -> Tab:
    from datetime import date

    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from companion.services import start_conversation
    from tests.accounts import cast

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    now = timezone.now()
    name = f"p{number}-{uuid4().hex[:6]}"
    user = cast.open_account(name, date(1990, 1, 2), now)
    chat = start_conversation(user=user, persona="mei", now=now)
    browser = Client()
    browser.force_login(user)
    cookie = "; ".join(f"{k}={v.value}" for k, v in browser.cookies.items())
    return Tab(f"ws://127.0.0.1:{stage.port}/ws/chat/{chat.id}/", cookie, chat.id)


def _rows(sent: list[UUID]) -> tuple[int, int]:
    """How many messages are there, and how many turns have ended."""
    from companion.models import Turn

    turns = Turn.objects.filter(client_id__in=sent)
    kept = sum(1 for turn in turns.select_related("question") if turn.question_id)
    return kept, turns.filter(state__in=ENDED).count()
