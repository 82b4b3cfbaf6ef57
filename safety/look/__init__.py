"""The closer look: what the chat model itself makes of a text that heads are unsure of.

The model is asked a fixed question about the text and says nothing: small linear
models read how it scores its next word. They speak only where a head is in doubt, know
one model by its name, and never touch what a rule found.
"""

from safety.look.questions import question
from safety.look.reading import in_doubt, model, read_again, tokens

__all__ = ["in_doubt", "model", "question", "read_again", "tokens"]
