"""The rows of the conversation: chats, messages, turns, people who come in, notes of
their cases, and changes of the engines' models.
"""

from companion.models.cases import Case
from companion.models.conversations import (
    Author,
    Conversation,
    Message,
    Turn,
    TurnState,
)
from companion.models.engines import EngineSwitch, SwitchState
from companion.models.takeovers import Answer, CaseNote, NoteKind, Takeover

__all__ = [
    "Answer",
    "Author",
    "Case",
    "CaseNote",
    "Conversation",
    "EngineSwitch",
    "Message",
    "NoteKind",
    "SwitchState",
    "Takeover",
    "Turn",
    "TurnState",
]
