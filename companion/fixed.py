"""Answers without a model: danger, leaving, "are you human?", and silence.

Only fixed and reviewed texts (safety/texts); no model writes or changes a word.
"""

from datetime import datetime

from companion.dialogue import Event, State, move
from companion.models import Author, Message, Turn, TurnState
from safety import texts
from safety.verdict import Action, Tier, Verdict

QUESTION = "crisis.t2"  # the card that asks directly
CARD_TEXTS = {Tier.T3: "crisis.t3", Tier.T2: QUESTION}
STAY = "support.stay"


def answer(*, turn: Turn, verdict: Verdict, language: str, now: datetime) -> None:
    """End `turn` with the fixed words that its verdict asks for.

    Runs inside the transaction that accepted the message.
    """
    if verdict.action is Action.SUPPORT:
        _support(turn, verdict.tier, language, now)
    elif verdict.action is Action.EXIT:
        move(conversation=turn.conversation, event=Event.EXIT)
        _say(turn, TurnState.DONE, "exit.farewell", language, now)
    elif verdict.action is Action.DISCLOSE:
        _say(turn, TurnState.DONE, "human.disclosure", language, now)
    elif verdict.action is Action.BLOCK:
        _say(turn, TurnState.BLOCKED, "output.replacement", language, now)
    else:
        _stay(turn, language, now)


def _support(turn: Turn, tier: Tier, language: str, now: datetime) -> None:
    """The crisis card, and the same words as a message for afterwards."""
    conversation = turn.conversation
    move(conversation=conversation, event=Event.RISK)
    text_id = CARD_TEXTS.get(tier, "crisis.t2")
    conversation.card = _say(turn, TurnState.HANDED_OVER, text_id, language, now)
    conversation.card_text = text_id
    conversation.save(update_fields=["card", "card_text"])


def _stay(turn: Turn, language: str, now: datetime) -> None:
    """The companion is silent: with a human only silence, else one fixed line."""
    human = turn.conversation.state in {State.WAITING_HUMAN, State.HUMAN}
    if human:
        _end(turn, TurnState.HANDED_OVER, now)
    else:
        _say(turn, TurnState.HANDED_OVER, STAY, language, now)


def _say(
    turn: Turn, state: TurnState, text_id: str, language: str, now: datetime
) -> Message:
    words = texts.get(text_id, language)
    spoken = "\n\n".join(part for part in (words.body, words.question) if part)
    turn.reply = Message.written(
        conversation=turn.conversation, author=Author.SYSTEM, text=spoken, at=now
    )
    turn.reason = text_id
    _end(turn, state, now)
    return turn.reply


def _end(turn: Turn, state: TurnState, now: datetime) -> None:
    turn.state, turn.ended_at = state, now
    turn.save(update_fields=["state", "ended_at", "reply", "reason"])
