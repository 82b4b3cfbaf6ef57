"""Which engines there are: ENGINE_URL, read and checked.

Must never repeat a name and a password that stand in an address.
"""

import re
from urllib.parse import SplitResult, urlsplit

BETWEEN = re.compile(r"[,\s]+(?=\w+:/)")  # a socket's path may hold blanks itself
HERE = {"127.0.0.1", "localhost", "::1"}


def addresses(value: str) -> tuple[str, ...]:
    """Each address of a list separated by commas or blanks, once and in its order.
    Raises `ValueError` with one sentence for the operator."""
    found = tuple(dict.fromkeys(BETWEEN.split(value.strip(", \t\n"))))
    for address in found:
        if not _is_address(address):
            shown = address.rpartition("@")[2]
            raise ValueError(
                f"ENGINE_URL: {shown!r} is no engine's address; one looks like "
                "https://llm.example.org/v1 or unix:///run/engine.sock."
            )
    if len({urlsplit(address).scheme == "unix" for address in found}) > 1:
        raise ValueError(
            "ENGINE_URL mixes unix sockets with http addresses; name all engines in "
            "one of the two ways."
        )
    return found


def is_here(address: str) -> bool:
    """An engine of this machine may listen there."""
    parts = urlsplit(address)
    return parts.scheme == "unix" or bool(parts.hostname in HERE and parts.port)


def place(address: str) -> str:
    """What a log may say of it: never who asks there."""
    return address.partition("//")[2].rpartition("@")[2]


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        if parts.scheme == "unix":
            return not parts.netloc and len(parts.path) > 1
        return _names_a_server(parts) and not re.search(r"[,\s]", address)
    except ValueError:  # the port is none
        return False


def _names_a_server(parts: SplitResult) -> bool:
    named = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return named and parts.port != 0
