"""Where log lines go: events and ids on the console, never the text of a message."""

from typing import Any


def to_console(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "apprise": {"level": "CRITICAL"},  # it would name numbers and addresses
            "httpx": {"level": "WARNING"},  # else one line for each turn
        },
    }
