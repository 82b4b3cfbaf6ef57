"""Runs the tools of the start-up; turns what they say into one clear sentence."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config import home
from config.embedded.privileges import shim
from config.failure import StartFailed

NETWORK = [
    "Temporary failure in name resolution", "Name or service not known",
    "Network is unreachable", "Connection refused", "Failed to establish",
    "Failed to fetch", "error sending request", "dns error", "timed out",
    "No matching distribution found", "CERTIFICATE_VERIFY_FAILED", "UnknownIssuer",
]  # fmt: skip
END_SECONDS = 10
DISK = ["No space left on device", "os error 28", "Errno 28"]


def log(name: str) -> Path:
    folder = home.home() / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{name}.log"


@dataclass(slots=True)
class Tool:
    """A running tool whose output goes to its log; `last` is its newest line."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    last: str = ""
    process: subprocess.Popen[str] = field(init=False)
    reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            shim(list(self.command), when_parent_dies=signal.SIGKILL),
            cwd=home.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def running(self) -> bool:
        return self.process.poll() is None

    def succeeded(self) -> bool:
        status = self.process.wait()
        self.reader.join()
        return status == 0

    def end(self) -> None:
        """With all that it has started. Asked first: ninja keeps its compilers in
        groups of their own and ends them itself; pip clears its folders."""
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END_SECONDS)
        self.reader.join()

    def _read(self) -> None:
        assert self.process.stdout  # noqa: S101 - it is a pipe
        with self.process.stdout as said, log(self.name).open("w") as kept:
            for line in said:
                kept.write(line)
                self.last = line.strip() or self.last


def run(name: str, command: Sequence[str], **environment: str) -> bool:
    """To its end; whether it succeeded. What it said is in its log."""
    tool = Tool(name, command, os.environ | environment)
    try:
        return tool.succeeded()
    finally:
        tool.end()


def failure(name: str, what: str) -> StartFailed:
    """Why the tool failed, from what it said."""
    said = log(name).read_text(errors="replace")
    if any(sign in said for sign in DISK):
        return StartFailed(f"{what}: the disk is full. Free some space, start again.")
    if any(sign in said for sign in NETWORK):
        return StartFailed(
            f"{what}: no answer from the network. Check the connection (behind a "
            "proxy or a private certificate also HTTPS_PROXY, SSL_CERT_FILE and "
            f"pip's settings) and start again. Details: {log(name)}"
        )
    end = "\n".join(said.strip().splitlines()[-5:])
    return StartFailed(f"{what}. The end of {log(name)}:\n{end}")
