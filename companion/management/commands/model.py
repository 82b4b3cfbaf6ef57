"""The operator's models: what can be had, what is here, which one is used."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from companion.engine import catalogue, fetch
from companion.engine.catalogue import Entry, NoModel


class Command(BaseCommand):
    help = "Lists, fetches, chooses and checks the models that the engine can run."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="the catalogue, with what is here and in use")
        pull = acts.add_parser("pull", help="fetch a model of the catalogue")
        pull.add_argument("name", nargs="?", default="", help="without: the default")
        use = acts.add_parser("use", help="remember which model the engine loads")
        use.add_argument("name", help="a name of the catalogue, or a .gguf file")
        verify = acts.add_parser("verify", help="compare sha256 sums")
        verify.add_argument("name", nargs="?", default="", help="without: all here")

    def handle(self, *args: Any, act: str, name: str = "", **options: Any) -> None:
        acts: dict[str, Callable[[str], None]] = {
            "list": self._list,
            "pull": self._pull,
            "use": self._use,
            "verify": self._verify,
        }
        try:
            acts[act](name)
        except NoModel as problem:
            raise CommandError(str(problem)) from None

    def _list(self, _: str) -> None:
        wanted = catalogue.wanted_model()
        for known in catalogue.entries():
            self.stdout.write(_line(known, in_use=known.path == wanted))
            self.stdout.write(f"    {known.good_for}")
        self.stdout.write(
            f"\nIn use: {wanted}{'' if wanted.is_file() else ' (missing)'}"
        )

    def _pull(self, name: str) -> None:
        path = fetch.pull(name, self.stdout.write)
        self.stdout.write(str(path))

    def _use(self, name: str) -> None:
        path = catalogue.use(name)
        self.stdout.write(f"From its next start on the engine loads {path}.")

    def _verify(self, name: str) -> None:
        named = (catalogue.entry(name),) if name else catalogue.entries()
        for known in named:
            if name or known.path.is_file():
                sha256 = fetch.verify(known)
                pinned = (
                    "" if catalogue.checksum(known) else " (nothing to compare it with)"
                )
                self.stdout.write(f"{known.name}: {sha256}{pinned}")


def _line(known: Entry, *, in_use: bool) -> str:
    here = "in use" if in_use else "here" if known.path.is_file() else "-"
    size = f"{known.bytes / 1e9:.1f} GB" if known.bytes else "?"
    languages = ", ".join(known.languages)
    return (
        f"{known.name:38} {here:7} {size:>7}  {known.memory} GiB memory  "
        f"{languages:7} {known.licence}"
    )
