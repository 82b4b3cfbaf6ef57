"""From stored messages to a prompt: persona first, then history, what changes last.

A message that led to fixed words never enters a prompt; neither does a word of a
human helper. The head stays the same from turn to turn, so that an engine can keep
what it has evaluated.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from companion.engine.request import ChatMessage, GenerationRequest, Sampling
from companion.models import Author, Message, Turn, TurnState
from companion.personas import Persona, Voice, all_personas, persona
from safety.verdict import Action, Verdict
from vault.sealing import SealBroken

PROMPT_TOKENS = 7_600  # leaves room for the reply in a context of 8,192
DROPPED_AT_ONCE = 10  # exchanges; cutting in blocks keeps the head stable in between
EXCHANGES = 60  # more than fit, so that a long life with somebody costs no more
Pair = tuple[ChatMessage, ChatMessage]
log = logging.getLogger(__name__)
UNSEEN = {TurnState.HANDED_OVER, TurnState.BLOCKED, TurnState.FAILED}
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
    opening, asked = head(voice), ChatMessage("user", question)
    room = PROMPT_TOKENS - sum(tokens(m.content) for m in (*opening, asked))
    messages = (*opening, *_history(turn, room), asked)
    request = GenerationRequest(
        messages=messages,
        sampling=Sampling(temperature=_temperature(turn, who)),
        cache_key=str(turn.conversation_id),
        shared=len(opening),
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
    heads = [head(voice) for voice in voices]
    return tuple(
        GenerationRequest(
            messages=(*opening, ChatMessage("user", "")), shared=len(opening)
        )
        for opening in heads
    )


def _history(turn: Turn, room: int) -> list[ChatMessage]:
    """Question and newest reply of each earlier message that the model may see, as
    many of the newest as there is `room` for, in tokens."""
    earlier = (
        Turn.objects.filter(
            conversation=turn.conversation, question__seq__lt=turn.question.seq
        )
        .exclude(state__in=UNSEEN)
        .filter(reply__author=Author.MODEL)
        .order_by("question__seq", "started_at")
    )
    newest = dict(earlier.values_list("question_id", "id"))
    first = max(0, len(newest) - EXCHANGES) // DROPPED_AT_ONCE * DROPPED_AT_ONCE
    wanted = earlier.filter(id__in=list(newest.values())[first:])
    rows = wanted.select_related("question", "reply")
    pairs = [pair for pair in (_pair(row, turn) for row in rows) if pair]
    return [message for pair in _within(room, pairs) for message in pair]


def _pair(attempt: Turn, turn: Turn) -> Pair | None:
    """One exchange; none where a seal is broken: the page shows that, a model need
    not see it."""
    try:
        return (
            ChatMessage("user", _text(attempt.question, turn)),
            ChatMessage("assistant", _text(attempt.reply, turn)),
        )
    except SealBroken:
        log.warning("an exchange of %s cannot be read", turn.conversation_id)
        return None


def _text(message: Message | None, turn: Turn) -> str:
    if message is None:
        return ""
    message.conversation = turn.conversation  # spares a query: it is the same row
    return message.text()


def _within(room: int, pairs: list[Pair]) -> list[Pair]:
    """Drop the oldest exchanges, a block at a time, until the rest fits."""
    sizes = [sum(tokens(m.content) for m in pair) for pair in pairs]
    start, whole = 0, sum(sizes)
    while start < len(pairs) and whole > room:
        block = DROPPED_AT_ONCE if len(pairs) - start > DROPPED_AT_ONCE else 1
        whole -= sum(sizes[start : start + block])
        start += block
    return pairs[start:]


def tokens(text: str) -> int:
    """A cautious guess: a third of one for a letter or a blank of ASCII, one for its
    digits and signs, and for what lies outside two, or one for everyday Chinese."""
    plain = sum(1 for c in text if c.isascii() and (c.isalpha() or c.isspace()))
    common = sum(1 for c in text if "\u4e00" <= c <= "\u9fff")
    signs = sum(1 for c in text if c.isascii()) - plain
    return plain // 3 + signs + common + 2 * (len(text) - plain - signs - common) + 4


def _instructions(verdict: Verdict) -> list[str]:
    """What a model is told behind the question, where it would else do harm."""
    named = ["ease"] if verdict.action is Action.EASE else []
    return [*named, *(["own_life"] if "own_life" in verdict.labels else [])]


@cache
def _instruction(name: str, language: str) -> str:
    return (INSTRUCTIONS / f"{name}.{language}.md").read_text("utf-8").strip()
