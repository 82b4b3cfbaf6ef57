"""A bank of three exchanges in a folder of its own."""

import pytest

from companion.voice_bank import bank as banks

TEXT = """[mishap]
I lost my hat
my hat is gone
Oh no, your hat! Where did you have it last?

[mishap]
My boat has a leak
Better a leak at the pier than at sea. Is it a big one?

[goodbye]
good night
Sleep well.
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "mei").mkdir()
    made = banks.file_of("mei", "en", tmp_path)
    made.write_text(TEXT, "utf-8")
    banks.bank.cache_clear()
    yield made
    banks.bank.cache_clear()
