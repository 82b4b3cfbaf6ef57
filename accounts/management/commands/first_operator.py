"""Prints the link of the first operator, and nothing once somebody has used it."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import operators


class Command(BaseCommand):
    help = "Makes the first operator and prints a one-time link to choose a password."

    def handle(self, *args: Any, **options: Any) -> None:
        operator = operators.first_operator()
        if operator is None:
            self.stdout.write("There is an operator already. No link is needed.")
            return
        self.stdout.write(f"First operator: {operator.email}")
        self.stdout.write("Choose the password here (works once):")
        self.stdout.write(operators.one_time_link(operator))
