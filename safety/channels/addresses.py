"""Which Apprise addresses may be used: known providers, hosts of the open internet.

Looked at when one is saved and again before each use, for names change where they
lead. What is refused is refused in words; nothing here repeats a secret.
"""

import ipaddress
import socket
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

FILE = Path(__file__).parent / "schemes.toml"
LONGEST = 1_000


class Unusable(Exception):
    """`words` say to whoever wrote the address what is wrong with it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Scheme:
    """One provider. `fine` and `later` are answers in a field named `field`."""

    id: str
    name: str
    is_short: bool
    own_host: bool
    private: bool
    field: str
    fine: tuple[int, ...]
    later: tuple[int, ...]


@cache
def schemes() -> dict[str, Scheme]:
    table = tomllib.loads(FILE.read_text("utf-8"))
    return {
        name: _scheme(name, entry, table["refusal"].get(name, {}))
        for name, entry in table["scheme"].items()
    }


def names() -> list[str]:
    """Of everything that works without a gateway of one's own."""
    return [one.name for one in schemes().values() if not one.private]


def fixed_names() -> list[str]:
    """Of those whose host is no part of what is typed in."""
    return [one.name for one in schemes().values() if not one.own_host]


def check(address: str) -> Scheme:
    """Raises `Unusable`."""
    scheme = schemes().get(address.partition("://")[0].lower())
    if scheme is None or len(address) > LONGEST or not address.isprintable():
        raise Unusable(
            _("No known provider has an address like this. Known are: %(names)s.")
            % {"names": ", ".join(dict.fromkeys(names()))}
        )
    if scheme.own_host:
        _check_own(scheme, address)
    return scheme


def _check_own(scheme: Scheme, address: str) -> None:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    if scheme.private and host not in settings.NOTICE_PRIVATE_HOSTS:
        raise Unusable(_("This would travel unencrypted. Use the form with an s."))
    check_host(host)


def check_host(host: str) -> None:
    """Raises `Unusable` for a host that is no place on the open internet."""
    if host in settings.NOTICE_PRIVATE_HOSTS:
        return
    try:
        found = socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        found = []
    if not host or not found:
        raise Unusable(_("There is no host of this name."))
    if not all(_is_public(str(place[4][0])) for place in found):
        raise Unusable(_("This host is in a private network and is not written to."))


def _is_public(written: str) -> bool:
    address = ipaddress.ip_address(written.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast


def _scheme(name: str, entry: dict[str, Any], refusal: dict[str, Any]) -> Scheme:
    return Scheme(
        id=name,
        name=entry["name"],
        is_short=entry.get("room") == "short",
        own_host=entry.get("own_host", False),
        private=entry.get("private", False),
        field=refusal.get("field", ""),
        fine=tuple(refusal.get("fine", (0,))),
        later=tuple(refusal.get("later", ())),
    )
