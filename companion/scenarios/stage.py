"""All stories in a scratch database with keys of its own: nothing of real people is
read, written or told.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from django.test.utils import override_settings

from companion.scenarios.play import Outcome, play
from companion.scenarios.stories import all_stories
from vault.keyring import FileKeyring


def play_all() -> Iterator[Outcome]:
    with _scratch():
        for story in all_stories():
            yield asyncio.run(play(story))


@contextmanager
def _scratch() -> Iterator[None]:
    """Needs the right to create a database, as a test run does."""
    connection = connections["default"]
    usual = str(connection.settings_dict["NAME"])
    with tempfile.TemporaryDirectory(prefix="story-keys-") as folder:
        keyring = Path(folder) / "keyring"
        FileKeyring(keyring).create()
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            with override_settings(VAULT_KEYRING=keyring):
                yield
        finally:
            connections.close_all()
            connection.creation.destroy_test_db(usual, verbosity=0)
