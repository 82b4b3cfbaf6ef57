"""Answers without a model: danger, leaving, "are you human?", and silence.

Only fixed and reviewed texts (safety/texts); no model writes or changes a word.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format

from companion.dialogue import Event, State, move
from companion.models import Author, Conversation, Message, Turn, TurnState
from safety import labels, texts
from safety.models import Suspension
from safety.verdict import Action, Label, Tier, Verdict

QUESTIONS = {  # the cards that ask directly, and after which danger
    "crisis.t2": Label.SELF_HARM,
    "crisis.loss": Label.FRAUD,
}
CARDS = {"crisis.t3", "crisis.loss_now", *QUESTIONS}
LOSS_CARDS = {"crisis.loss", "crisis.loss_now"}
STAY = "support.stay"
BLOCKED = "input.blocked"


def answer(
    *,
    turn: Turn,
    verdict: Verdict,
    language: str,
    now: datetime,
    suspension: Suspension | None = None,
) -> None:
    """End `turn` with the fixed words that its verdict asks for.

    Runs inside the transaction that accepted the message.
    """
    if verdict.action is Action.SUPPORT:
        _support(turn, verdict, language, now)
    elif verdict.action is Action.EXIT:
        move(conversation=turn.conversation, event=Event.EXIT)
        _say(turn, TurnState.DONE, "exit.farewell", language, now)
    elif verdict.action is Action.DISCLOSE:
        _say(turn, TurnState.DONE, "human.disclosure", language, now)
    elif is_held_back(turn.conversation, verdict):
        _hold_back(turn, verdict, suspension, language, now)
    else:
        _stay(turn, language, now)


def is_held_back(conversation: Conversation, verdict: Verdict) -> bool:
    """Only a companion is spared what is prohibited; a person reads it all."""
    return verdict.action is Action.BLOCK and conversation.state == State.AI


def _support(turn: Turn, verdict: Verdict, language: str, now: datetime) -> None:
    """The crisis card, and the same words as a message for afterwards."""
    conversation = turn.conversation
    move(conversation=conversation, event=Event.RISK)
    text_id = _card_for(verdict)
    conversation.card = _say(turn, TurnState.HANDED_OVER, text_id, language, now)
    conversation.card_text = text_id
    conversation.save(update_fields=["card", "card_text"])


def _card_for(verdict: Verdict) -> str:
    """Below the gravest tier the card asks directly; where money is being lost it
    speaks of that."""
    is_gravest = verdict.tier is Tier.T3
    if verdict.is_about_money:
        return "crisis.loss_now" if is_gravest else "crisis.loss"
    return "crisis.t3" if is_gravest else "crisis.t2"


def _stay(turn: Turn, language: str, now: datetime) -> None:
    """The companion is silent: with a human only silence, else one fixed line; while
    somebody is asked to come, that line stands once."""
    state = turn.conversation.state
    waits = state == State.WAITING_HUMAN
    if state == State.HUMAN or (waits and _was_said_before(turn)):
        _end(turn, TurnState.HANDED_OVER, now)
    else:
        _say(turn, TurnState.HANDED_OVER, STAY, language, now)


def _was_said_before(turn: Turn) -> bool:
    before = turn.conversation.turns.exclude(pk=turn.pk).order_by("question__seq")
    said = before.exclude(reply=None).values_list("reason", flat=True).last()
    return said == STAY


def _hold_back(
    turn: Turn,
    verdict: Verdict,
    suspension: Suspension | None,
    language: str,
    now: datetime,
) -> None:
    """What was held back and why, and what it led to when it was once too often."""
    with translation.override(language):
        reason = labels.named(verdict.held_back_for) or labels.named(["guard"])
        words = texts.get(BLOCKED, language).body.format(reason=reason)
        if suspension:
            zone = ZoneInfo(turn.conversation.user.time_zone)
            until = date_format(
                timezone.localtime(suspension.until, zone), "DATETIME_FORMAT"
            )
            added = texts.get("input.suspended", language).body.format(until=until)
            words = f"{words}\n\n{added}"
    _write(turn, TurnState.BLOCKED, BLOCKED, words, now)


def _say(
    turn: Turn, state: TurnState, text_id: str, language: str, now: datetime
) -> Message:
    words = texts.get(text_id, language)
    spoken = "\n\n".join(part for part in (words.body, words.question) if part)
    return _write(turn, state, text_id, spoken, now)


def _write(
    turn: Turn, state: TurnState, text_id: str, words: str, now: datetime
) -> Message:
    turn.reply = Message.written(
        conversation=turn.conversation, author=Author.SYSTEM, text=words, at=now
    )
    turn.reason = text_id
    _end(turn, state, now)
    return turn.reply


def _end(turn: Turn, state: TurnState, now: datetime) -> None:
    turn.state, turn.ended_at = state, now
    turn.save(update_fields=["state", "ended_at", "reply", "reason"])
