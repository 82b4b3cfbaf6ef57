"""The secret key of the site: from the environment, else the one the start-up made.

Never weaker in silence: what is missing or too short stops the process.
"""

import os

from django.core.exceptions import ImproperlyConfigured

from config import home

SHORTEST = 50  # characters


def secret_key(production: bool) -> str:
    """Raises `ImproperlyConfigured` with what to do."""
    value = os.environ.get("SECRET_KEY", "")
    if production and value and len(value) < SHORTEST:
        raise ImproperlyConfigured(f"SECRET_KEY is shorter than {SHORTEST} characters.")
    if value:
        return value
    made = home.home() / "secret_key"
    if production or not made.exists():
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set. 'make run' makes one; elsewhere put {SHORTEST} or "
            "more random characters in the environment."
        )
    return made.read_text().strip()
