"""From stored messages to a prompt: persona first, then history, what changes last.

A message that led to fixed words never enters a prompt; neither does a word of a
human helper. The head stays the same from turn to turn, so that an engine can keep
what it has evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from companion.engine.request import ChatMessage, GenerationRequest, Sampling
from companion.models import Author, Message, Turn, TurnState
from companion.personas import Persona, Voice, all_personas, persona
from safety.verdict import Action, Verdict

HISTORY_TOKENS = 5_000  # leaves room for persona and reply in a context of 8,192
DROPPED_AT_ONCE = 10  # turns; cutting in blocks keeps the head stable in between
UNSEEN = {TurnState.HANDED_OVER, TurnState.FAILED}
AGAIN_TEMPERATURE = 0.8
INSTRUCTIONS = Path(__file__).parent / "instructions"


@dataclass(frozen=True, slots=True)
class Prompt:
    request: GenerationRequest
    version: str


def prompt_for(*, turn: Turn, language: str, verdict: Verdict) -> Prompt:
    """The request that answers `turn`, in the person's language."""
    who = persona(turn.conversation.persona)
    voice = who.voice(language)
    told = [_instruction(name, language) for name in _instructions(verdict)]
    question = "\n\n".join([turn.question.text(), *told])
    messages = (
        *head(voice),
        *_history(turn),
        ChatMessage("user", question),
    )
    request = GenerationRequest(
        messages=messages,
        sampling=Sampling(temperature=_temperature(turn, who)),
        cache_key=str(turn.conversation_id),
    )
    return Prompt(request=request, version=who.version)


def _temperature(turn: Turn, who: Persona) -> float:
    """Who asks again wants another answer, not the same one once more."""
    asked_before = turn.question.turns.exclude(pk=turn.pk).exists()
    return max(who.temperature, AGAIN_TEMPERATURE) if asked_before else who.temperature


def head(voice: Voice) -> tuple[ChatMessage, ...]:
    """What stands before every chat with a persona: who it is, and its examples as
    turns, which a small model follows better than a description."""
    spoken = [
        (ChatMessage("user", said), ChatMessage("assistant", answer))
        for said, answer in voice.examples
    ]
    examples = (message for pair in spoken for message in pair)
    return (ChatMessage("system", voice.prompt), *examples)


def beginnings() -> tuple[GenerationRequest, ...]:
    """How every first prompt begins, for an engine to read before anybody waits."""
    voices = [voice for who in all_personas().values() for voice in who.voices.values()]
    return tuple(
        GenerationRequest(messages=(*head(voice), ChatMessage("user", "")))
        for voice in voices
    )


def _history(turn: Turn) -> list[ChatMessage]:
    """Question and newest reply of each earlier message that the model may see."""
    earlier = (
        Turn.objects.filter(
            conversation=turn.conversation, question__seq__lt=turn.question.seq
        )
        .exclude(state__in=UNSEEN)
        .filter(reply__author=Author.MODEL)
        .select_related("question", "reply")
        .order_by("question__seq", "started_at")
    )
    newest = {attempt.question_id: attempt for attempt in earlier}
    pairs = [_pair(attempt, turn) for attempt in newest.values()]
    return [message for pair in _within_budget(pairs) for message in pair]


def _pair(attempt: Turn, turn: Turn) -> tuple[ChatMessage, ChatMessage]:
    return (
        ChatMessage("user", _text(attempt.question, turn)),
        ChatMessage("assistant", _text(attempt.reply, turn)),
    )


def _text(message: Message | None, turn: Turn) -> str:
    if message is None:
        return ""
    message.conversation = turn.conversation  # spares a query: it is the same row
    return message.text()


def _within_budget(
    pairs: list[tuple[ChatMessage, ChatMessage]],
) -> list[tuple[ChatMessage, ChatMessage]]:
    """Drop the oldest turns, a block at a time, until the rest fits."""
    while sum(tokens(m.content) for pair in pairs for m in pair) > HISTORY_TOKENS:
        pairs = pairs[DROPPED_AT_ONCE:] if len(pairs) > DROPPED_AT_ONCE else pairs[1:]
    return pairs


def tokens(text: str) -> int:
    """A cautious guess: one per character outside ASCII, one per three inside."""
    wide = sum(1 for character in text if ord(character) > 127)
    return wide + (len(text) - wide) // 3 + 4


def _instructions(verdict: Verdict) -> list[str]:
    """What a model is told behind the question, where it would else do harm."""
    named = ["ease"] if verdict.action is Action.EASE else []
    return [*named, *(["own_life"] if "own_life" in verdict.labels else [])]


@cache
def _instruction(name: str, language: str) -> str:
    return (INSTRUCTIONS / f"{name}.{language}.md").read_text("utf-8").strip()
