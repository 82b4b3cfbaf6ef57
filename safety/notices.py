"""The words of a notice: fixed texts with six variables and nothing else.

No message, no diagnosis, no severity ever stands in one.
"""

from dataclasses import dataclass

from django.conf import settings

from safety import texts
from safety.models import Delivery

VARIABLES = frozenset({"service", "name", "code", "time", "link", "number"})


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


def version(template: str) -> str:
    return texts.get(template, "en").version


def render(template: str, language: str, variables: dict[str, str]) -> Text:
    if not variables.keys() <= VARIABLES:
        raise ValueError("a notice has six variables and no others")
    words = texts.get(template, language)
    known = dict.fromkeys(VARIABLES, "") | variables
    return Text(words.title.format(**known), words.body.format(**known))


def variables(delivery: Delivery) -> dict[str, str]:
    """Those of the row, and those that may stand in no row."""
    from safety import deliveries  # noqa: PLC0415 - which renders by this module

    kept: dict[str, str] = delivery.variables
    return kept | {
        "service": "Companion",
        "name": delivery.route.name,
        "link": f"{settings.PUBLIC_URL}/notice/{deliveries.ack_token(delivery)}/",
    }
