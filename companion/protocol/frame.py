"""What all frames of the chat socket have in common. A frame never holds another
person's text.
"""

from typing import Literal

from msgspec import Struct

Outcome = Literal["done", "stopped", "blocked", "handed_over", "failed"]
Status = Literal["queued", "loading", "thinking"]
Author = Literal["user", "model", "system", "human"]


class Frame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=False):
    """Base of all frames; `type` is the tag."""
