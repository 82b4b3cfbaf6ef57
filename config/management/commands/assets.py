"""`manage.py assets`: translations and static files, made again where stale."""

from typing import Any

from django.core.management.base import BaseCommand

from config import assets


class Command(BaseCommand):
    help = "Compiles the translations and collects the static files."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        compiled = assets.compile_messages()
        collected = assets.collect_static()
        self.stdout.write(f"{compiled} catalogues compiled.")
        self.stdout.write(
            "Static files collected." if collected else "Static files as they were."
        )
