"""Runs the engine: loads the model once and answers on a unix socket or a port."""

import os
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from companion.engine import places
from companion.engine.addresses import addresses, is_here, place
from companion.engine.catalogue import NoModel, chosen_model, file_of, use
from companion.engine.loading import loaded
from companion.engine.main import (
    CannotServe,
    Settings,
    cells,
    context,
    scripted,
    serve,
    threads,
)
from companion.engine.model import Model
from companion.engine.request import EngineFailed
from companion.engine.runner import Load
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
            name, load = _voice()
            self.stdout.write(f"Engine: {name}")
            path, port = _address(port)
            serve(
                Settings(
                    load=load,
                    model=name,
                    path=path,
                    port=port,
                    key=settings.ENGINE_KEY,
                    beginnings=beginnings(),
                    parked=places.parked(),
                    find=_found,
                )
            )
        except (CannotServe, NoModel) as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            return


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


def _voice() -> tuple[str, Load]:
    if os.environ.get("ENGINE_SCRIPT") == "1":
        return "scripted", scripted
    path = chosen_model()
    return path.stem, _loader(path)


def _found(wanted: str) -> Load:
    """Another model that an operator chose; it is the choice from then on."""
    try:
        path = file_of(wanted)
    except NoModel as problem:
        raise EngineFailed("refused", str(problem)) from None
    load = _loader(path)

    def load_and_remember() -> Model:
        model = load()
        use(wanted)
        return model

    return load_and_remember


def _loader(path: Path) -> Load:
    return partial(loaded, path, threads=threads(), window=context(), cells=cells())
