"""Fake providers: an SMTP server and an HTTP one, in a thread of the bench.

Each notes every delivery with its key and the time, and does to it what the play
says: `accept`, `cut` (takes it, then hangs up without an answer), `refuse`, `hang`.
What was refused or hangs counts as not delivered.
"""

import asyncio
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

Manner = Callable[[str, int], str]  # key and number of the attempt → what is done


def always(what: str) -> Manner:
    return lambda key, number: what


ACCEPT = always("accept")


def chances(seed: int, **shares: float) -> Manner:
    """The same key and attempt meet the same fate in every run."""

    def manner(key: str, number: int) -> str:
        left = random.Random(f"{seed}:{key}:{number}").random()  # noqa: S311
        for what, part in shares.items():
            if left < part:
                return what
            left -= part
        return "accept"

    return manner


@dataclass(frozen=True, slots=True)
class Arrival:
    """`begun` is when the connection was made, `at` when all of it was there."""

    key: str
    channel: str
    begun: float
    at: float


@dataclass
class Gateways:
    """`mail` and `web` decide what is done; `arrivals` is what was taken."""

    mail: Manner = ACCEPT
    web: Manner = ACCEPT
    arrivals: list[Arrival] = field(default_factory=list)
    alarms: list[tuple[float, str]] = field(default_factory=list)
    pings: list[float] = field(default_factory=list)
    smtp_port: int = 0
    http_port: int = 0

    def __post_init__(self) -> None:
        self._tries: Counter[str] = Counter()
        self._up = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self._up.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def calm(self) -> None:
        self.mail = self.web = ACCEPT

    def by_key(self) -> dict[str, list[Arrival]]:
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in list(self.arrivals):
            found[arrival.key].append(arrival)
        return found

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        smtp = await asyncio.start_server(self._smtp, "127.0.0.1", 0)
        http = await asyncio.start_server(self._http, "127.0.0.1", 0)
        self.smtp_port = smtp.sockets[0].getsockname()[1]
        self.http_port = http.sockets[0].getsockname()[1]
        self._up.set()
        await asyncio.Event().wait()

    async def _fate(self, channel: str, manner: Manner, key: str, begun: float) -> str:
        self._tries[key] += 1
        what = manner(key, self._tries[key])
        if what == "hang":
            await asyncio.sleep(60)
        if what in {"accept", "cut"}:
            self.arrivals.append(Arrival(key, channel, begun, time.monotonic()))
        return what

    async def _smtp(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        begun = time.monotonic()
        try:
            writer.write(b"220 bench\r\n")
            while line := await reader.readline():
                word = line[:4].upper()
                if word in {b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"}:
                    writer.write(b"250 ok\r\n")
                elif word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    if not await self._mailed(body, writer, begun):
                        return
                elif word == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _mailed(
        self, body: bytes, writer: asyncio.StreamWriter, begun: float
    ) -> bool:
        mail = message_from_bytes(body, policy=default)
        key = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        what = await self._fate("mail", self.mail, key, begun)
        if what in {"cut", "hang"}:
            writer.transport.abort()
            return False
        writer.write(b"250 taken\r\n" if what == "accept" else b"451 later\r\n")
        return True

    async def _http(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        begun = time.monotonic()
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.lower().split("\r\n")
            fields = dict(one.split(": ", 1) for one in lines[1:] if ": " in one)
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            path = head.split(" ")[1]
            what = await self._taken(path, fields, body, begun)
            if what in {"cut", "hang"}:
                writer.transport.abort()
                return
            status = "200 OK" if what == "accept" else "503 Busy"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n".encode())
            writer.write(b"Connection: close\r\n\r\n")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _taken(
        self, path: str, fields: dict[str, str], body: bytes, begun: float
    ) -> str:
        if path.startswith("/alarm"):
            self.alarms.append((time.monotonic(), json.loads(body)["title"]))
            return "accept"
        if path.startswith("/ping"):
            self.pings.append(time.monotonic())
            return "accept"
        key = fields.get("idempotency-key", "?")
        return await self._fate("web", self.web, key, begun)
