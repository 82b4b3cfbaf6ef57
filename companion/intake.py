"""What may become a message: text in words, of a bounded length.

Never changes what a person wrote beyond line ends and the blank around it.
"""

import unicodedata

from companion.protocol import MAX_MESSAGE_CHARACTERS
from companion.refusal import Refused

KEPT_CONTROLS = {"\n", "\t"}
UNSEEN = {"Cf", "Zs", "Zl", "Zp"}  # nothing that an eye could see


def clean(raw: str) -> str:
    """The message to store. Raises `Refused` with one of three codes."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    if all(unicodedata.category(character) in UNSEEN for character in text):
        raise Refused("message_empty")
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise Refused("message_too_long")
    if any(_is_unreadable(character) for character in text):
        raise Refused("message_unreadable")
    return text


def salvaged(raw: str) -> str:
    """What can be kept of a text that `clean` refuses: for a cry for help, which is
    never turned away for its form."""
    kept = "".join(c for c in raw if not _is_unreadable(c))
    return kept.strip()


def _is_unreadable(character: str) -> bool:
    """Control characters, lone surrogates, and code points that never mean anything.
    Not those without a meaning yet: tomorrow's emoji are among them."""
    if character in KEPT_CONTROLS:
        return False
    code = ord(character)
    never = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return never or unicodedata.category(character) in {"Cc", "Cs"}
