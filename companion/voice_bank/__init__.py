"""The voice bank: what a persona would say, written by hand and looked up by meaning.

A small model has manners and no sense: it is glad to hear of a bad day. So the written
reply to the nearest thing that people say stands behind their message, and the model
says it, fitted to them. Holds the project's own text only, never a person's; a bank
that is missing or broken costs the line and never the turn.
"""

from companion.voice_bank.choice import (
    Opening,
    is_wanted,
    line_for,
    line_of_kind,
    readable,
    ready,
    trouble,
)

__all__ = [
    "Opening",
    "is_wanted",
    "line_for",
    "line_of_kind",
    "readable",
    "ready",
    "trouble",
]
