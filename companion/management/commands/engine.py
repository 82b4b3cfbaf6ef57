"""Runs the engine: loads the model once and answers on a unix socket or a port."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from companion import first_line, look
from companion.engine.addresses import addresses, is_here, place
from companion.engine.main import CannotServe
from companion.engine.start import Start, become
from companion.prompts import beginnings


class Command(BaseCommand):
    help = "Runs the model behind the OpenAI chat-completions protocol."
    requires_system_checks = ()  # the engine needs no database and no users

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=0,
            help="a port on the loopback address instead of the unix socket",
        )

    def handle(self, *args: Any, port: int = 0, **options: Any) -> None:
        try:
            path, port = _address(port)
        except CannotServe as problem:
            raise CommandError(str(problem)) from None
        # what is asked beside chats comes first: it has a second, a reply has minutes
        asked = (*look.beginnings(), *first_line.beginnings(), *beginnings())
        where = Start(str(path) if path else None, port, asked)
        become(where, key=settings.ENGINE_KEY)


def _address(port: int) -> tuple[Path | None, int]:
    """Where ENGINE_URL says that clients will look for this engine."""
    if port:
        return None, port
    where = urlsplit(_own(addresses(settings.ENGINE_URL)))
    return (Path(where.path), 0) if where.scheme == "unix" else (None, where.port or 0)


def _own(named: tuple[str, ...]) -> str:
    here = [address for address in named if is_here(address)]
    if not here:
        raise CannotServe(
            f"ENGINE_URL names other servers ({', '.join(map(place, named))}). Unset "
            "it to run the engine here, or give --port."
        )
    if len(here) > 1:
        raise CannotServe(
            f"ENGINE_URL names {len(here)} engines on this machine. Start each with an "
            f"ENGINE_URL of its own, such as {here[0]}, or give --port."
        )
    return here[0]
