"""One of the servers of bench/servers.py from its start to its end, and its cost."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

SERVERS = Path(__file__).with_name("servers.py")
NO_REUSE = httpx.Limits(max_keepalive_connections=0)  # the peer closes them unasked


class Server:
    """One of the three, from its start to its end."""

    def __init__(self, kind: str, model: Path, threads: int, cells: int) -> None:
        self.kind = kind
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, str(SERVERS), kind, str(model)]
        command += map(str, (self.port, threads, cells))
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet)

    async def __aenter__(self) -> httpx.AsyncClient:
        base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.AsyncClient(
            base_url=base, timeout=900, limits=NO_REUSE, trust_env=False
        )
        try:
            return await self._answering()
        except BaseException:
            self.process.kill()  # nobody else knows of it yet
            raise

    async def _answering(self) -> httpx.AsyncClient:
        while True:
            await asyncio.sleep(0.1)
            if self.process.poll() is not None:
                raise SystemExit("the server ended")
            try:
                if (await self.http.get("/health")).status_code == 200:
                    return self.http
            except httpx.HTTPError:
                continue

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> float:
        """The most memory that it ever had, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
