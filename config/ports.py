"""Where the web process listens. Must not import Django."""

import errno
import os
import socket

from config.failure import StartFailed


def host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 2**16:
        raise StartFailed(f"PORT must be a number from 1 to 65535, not '{given}'.")
    return int(given)


def check_free() -> None:
    """Before anything is started: a taken port is found out at once."""
    family = socket.AF_INET6 if ":" in host() else socket.AF_INET
    with socket.socket(family) as probe:
        # As uvicorn does: connections of an earlier run that linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host(), port()))
        except OSError as error:
            raise StartFailed(_why(error)) from None


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port()} is taken by another program. "
            f"Take another one: make run PORT={port() + 1}"
        )
    return f"Cannot listen on {host()} port {port()}: {error.strerror}."
