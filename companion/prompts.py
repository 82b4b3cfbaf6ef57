"""From stored messages to a prompt: persona first, then history, what changes last.

A message that led to fixed words never enters a prompt; neither does a word that was
said while a person of the team was there: one neutral line stands for it. The head
stays the same from turn to turn, so that an engine can keep what it has evaluated.
History that no longer fits goes in whole exchanges, oldest first.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.conf import settings

from companion import in_use
from companion.engine.request import ChatMessage, GenerationRequest, Sampling
from companion.horizon import exchanges, seen_from
from companion.models import Message, Takeover, Turn
from companion.personas import Persona, Voice, all_personas, persona
from companion.voice_bank import Opening
from safety.verdict import Action, Verdict
from vault.sealing import SealBroken

REPLY_TOKENS = 592  # a reply of 400, and what a template adds
KEPT_SHARE = 0.5  # of what fits: dropping much at once keeps the head stable for long
EXCHANGES = 60  # more than fit, so that a long life with somebody costs no more
log = logging.getLogger(__name__)
AGAIN_TEMPERATURE = 0.8
INSTRUCTIONS = Path(__file__).parent / "instructions"


@dataclass(frozen=True, slots=True)
class Prompt:
    """`asks` is the person's own text; `view_from` is the number of the first message
    of the conversation in it."""

    request: GenerationRequest
    version: str
    view_from: int
    asks: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, its number in the conversation, and its answer."""

    seq: int
    question: ChatMessage
    answer: ChatMessage

    @property
    def size(self) -> int:
        return tokens(self.question.content) + tokens(self.answer.content)


def prompt_for(
    *, turn: Turn, language: str, verdict: Verdict, line: str = "", share: float = 1
) -> Prompt:
    """The request that answers `turn`, in the person's language, made for a `share` of
    the engine's window. `line` is what the persona is to say."""
    who = persona(turn.conversation.persona)
    voice = who.voice(language)
    after = _after_a_person(turn)
    known = _history(turn, after, language)
    asks = turn.question.text()
    before = [_instruction("human", language)] if turn.question.seq in after else []
    names = [name for name in _instructions(verdict) if name == "ease" or not line]
    told = [_instruction(name, language) for name in names]
    question = "\n\n".join([*before, with_line(asks, voice, line), *told])
    begun, asked = head(voice, with_lines=bool(line)), ChatMessage("user", question)
    room = int(settings.ENGINE_CONTEXT * share) - REPLY_TOKENS
    room -= sum(tokens(m.content) for m in (*begun, asked))
    seen = newest_within(room, known)
    told_before = [m for one in seen for m in (one.question, one.answer)]
    request = GenerationRequest(
        messages=(*begun, *told_before, asked),
        sampling=_sampling(_temperature(turn, who)),
        cache_key=str(turn.conversation_id),
        shared=len(begun),
    )
    view_from = seen[0].seq if seen else turn.question.seq
    return Prompt(request=request, version=who.version, view_from=view_from, asks=asks)


def opening(*, turn: Turn, language: str, verdict: Verdict) -> Opening | None:
    """The first message of a chat, on which no word before it bears: there a line may
    stand. None in distress, where the instruction knows better; who asks about the
    companion's own life is told that there is none (CN-29)."""
    names = _instructions(verdict)
    known = exchanges(turn.conversation_id).filter(question__seq__lt=turn.question.seq)
    if "ease" in names or _after_a_person(turn) or known.exists():
        return None
    return Opening(
        slug=turn.conversation.persona,
        language=language,
        chat=str(turn.conversation_id),
        said=turn.question.text(),
        tried=_tried(turn),
        fixed=_instruction("own_life_line", language) if "own_life" in names else "",
    )


def _tried(turn: Turn) -> set[str]:
    """The replies to this question so far: who asks again wants another one."""
    before = turn.question.turns.exclude(pk=turn.pk).exclude(reply=None)
    found = (_exchange(one, turn, "") for one in before.select_related("reply"))
    return {one.answer.content for one in found if one}


def with_line(said: str, voice: Voice, line: str) -> str:
    """A message with the line behind it that the persona is to say. It stands in no
    later prompt: there the reply speaks for itself."""
    if not line:
        return said
    return f"{said}\n\n{_instruction('say', voice.language).format(line=line)}"


def _temperature(turn: Turn, who: Persona) -> float:
    """Who asks again wants another answer, not the same one once more."""
    asked_before = turn.question.turns.exclude(pk=turn.pk).exists()
    return max(who.temperature, AGAIN_TEMPERATURE) if asked_before else who.temperature


def _sampling(temperature: float) -> Sampling:
    """What the record of the model says, and how lively the persona is."""
    known = in_use.model()
    usual = Sampling(**known.sampling) if known else Sampling()
    return replace(usual, temperature=temperature)


def head(voice: Voice, *, with_lines: bool = False) -> tuple[ChatMessage, ...]:
    """What stands before every chat with a persona: who it is, and its examples as
    turns, which a small model follows better than a description. Where a line is to be
    said, those that show how stand behind the others."""
    chosen = [one for one in voice.examples if not one.line]
    if with_lines:
        chosen += [one for one in voice.examples if one.line]
    spoken = [
        (
            ChatMessage("user", with_line(one.said, voice, one.line)),
            ChatMessage("assistant", one.answer),
        )
        for one in chosen
    ]
    examples = (message for pair in spoken for message in pair)
    return (ChatMessage("system", voice.prompt), *examples)


def beginnings() -> tuple[GenerationRequest, ...]:
    """How every first prompt begins, for an engine to read before anybody waits."""
    voices = [voice for who in all_personas().values() for voice in who.voices.values()]
    heads = [head(one, with_lines=lines) for one in voices for lines in (False, True)]
    return tuple(
        GenerationRequest(
            messages=(*opening, ChatMessage("user", "")), shared=len(opening)
        )
        for opening in heads
    )


def _after_a_person(turn: Turn) -> set[int]:
    """The numbers of the questions that came first after a person of the team left."""
    told = Takeover.objects.filter(conversation=turn.conversation_id)
    ends = [end for end in told.values_list("ended_at_seq", flat=True) if end]
    if not ends:
        return set()
    known = exchanges(turn.conversation_id).filter(question__seq__lt=turn.question.seq)
    asked = [*known.values_list("question__seq", flat=True), turn.question.seq]
    return {min(seq for seq in asked if seq > end) for end in ends if end < asked[-1]}


def _history(turn: Turn, after: set[int], language: str) -> list[Exchange]:
    """Question and newest reply of each earlier message that the model may see, from
    where its view began before: what it no longer sees does not come back."""
    earlier = exchanges(turn.conversation_id).filter(
        question__seq__lt=turn.question.seq,
        question__seq__gte=seen_from(turn.conversation_id),
    )
    newest = dict(earlier.values_list("question_id", "id"))
    wanted = earlier.filter(id__in=list(newest.values())[-EXCHANGES - 1 :])
    rows = wanted.select_related("question", "reply")
    line = _instruction("human", language) if after else ""
    found = (
        _exchange(row, turn, line if row.question.seq in after else "") for row in rows
    )
    return [known for known in found if known]


def _exchange(attempt: Turn, turn: Turn, before: str) -> Exchange | None:
    """None where a seal is broken: the page shows that, a model need not see it."""
    try:
        asked = _text(attempt.question, turn)
        return Exchange(
            seq=attempt.question.seq,
            question=ChatMessage("user", f"{before}\n\n{asked}" if before else asked),
            answer=ChatMessage("assistant", _text(attempt.reply, turn)),
        )
    except SealBroken:
        log.warning("an exchange of %s cannot be read", turn.conversation_id)
        return None


def _text(message: Message | None, turn: Turn) -> str:
    if message is None:
        return ""
    message.conversation = turn.conversation  # spares a query: it is the same row
    return message.text()


def newest_within(room: int, known: Sequence[Exchange]) -> Sequence[Exchange]:
    """All while they fit. Then the oldest go at once, until the rest takes no more
    than `KEPT_SHARE` of the room; the newest stays for as long as it fits at all."""
    sizes = [exchange.size for exchange in known]
    if len(known) <= EXCHANGES and sum(sizes) <= room:
        return known
    most, start = EXCHANGES * KEPT_SHARE, 0
    while len(known) - start > most or sum(sizes[start:]) > room * KEPT_SHARE:
        if start >= len(known) - 1:
            break
        start += 1
    return known[start:] if sum(sizes[start:]) <= room else []


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
