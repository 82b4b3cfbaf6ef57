"""The record of the model that speaks, as far as this process can know.

Looks at settings and at the choice of this installation; asks no engine.
"""

from django.conf import settings

from companion.engine import catalogue
from companion.engine.addresses import addresses, is_here
from companion.engine.catalogue import Entry, NoModel


def model() -> Entry | None:
    """None for a model without a record, and where nobody has named it."""
    if named := settings.ENGINE_MODEL:
        return next((one for one in catalogue.entries() if one.is_called(named)), None)
    if not all(map(is_here, addresses(settings.ENGINE_URL))):
        return None
    try:
        return catalogue.known_file(catalogue.wanted_model())
    except NoModel:  # no engine of this installation can start either
        return None
