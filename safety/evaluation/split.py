"""Which sentences may be read while writing rules and banks, and which stay unread.

Decided by the text alone, so that no list of them is kept and none can be moved: a
figure is only worth something on the unread half.
"""

import hashlib


def is_unread(text: str) -> bool:
    """Half of all texts: those whose sha256 begins with one of the digits 8 to f."""
    return hashlib.sha256(text.encode()).hexdigest()[0] in "89abcdef"
