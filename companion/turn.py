"""The path of a message, from top to bottom.

The only module that reaches a model, or asks the guard model. The input gate comes
first in every state; no model speaks while a person of the team is there or asked for;
nothing reaches a browser that the output gate has not read; every turn ends in exactly
one terminal event.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from functools import cache

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.services import subject_for
from companion import frames, look, rates, services, stream, takeover
from companion.draft import Draft
from companion.engine.addresses import addresses
from companion.engine.pool import EnginePool
from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    Finished,
    Loading,
    Queued,
    Text,
    Thinking,
)
from companion.first_line import FirstLine
from companion.guard import Guard
from companion.intake import clean, salvaged
from companion.look import Look
from companion.models import Turn, TurnState
from companion.prompts import Prompt, opening, prompt_for
from companion.protocol import MAX_MESSAGE_CHARACTERS
from companion.protocol.commands import Retry, Send
from companion.protocol.events import Event, TurnDelta, TurnRetract, TurnStatus
from companion.protocol.frame import Status
from companion.refusal import Refused
from companion.services import Accepted, MadeBy
from companion.stopping import unless, until
from companion.stream import Channel, in_thread
from safety import gate, guard
from safety.farewell import is_leaving
from safety.verdict import Action, Said, Speaker, Subject, Verdict

ROOMS = (1, 0.5)  # of the engine's window: what does not fit is asked once with less
log = logging.getLogger(__name__)


async def run_turn(
    user: User, channel: Channel, command: Send | Retry, stop: asyncio.Event
) -> AsyncGenerator[Event, None]:
    """The events of one turn; the first comes after the commit.

    Raises `Refused` or `GateClosed` before the first event when the message is not
    accepted; after it, only the terminal event ends the turn.
    """
    subject = await in_thread(subject_for)(user)
    accepted = await _accepted(subject, channel, command)
    turn = accepted.turn
    if accepted.interrupts:
        await stream.request_stop(accepted.interrupts)
    yield await in_thread(frames.question_frame)(turn)
    if accepted.reminds:
        yield frames.dependence_frame(subject.language)
    if not accepted.calls_model:
        for event in await in_thread(_told_already)(accepted, subject):
            yield event
        return
    line = await unless(stop, _line(turn, subject.language, accepted.verdict), "")
    for share in ROOMS:
        prompt = await in_thread(prompt_for)(
            turn=turn,
            language=subject.language,
            verdict=accepted.verdict,
            line=line,
            share=share,
        )
        draft = Draft(subject, _made_by(prompt), _checked, is_leaving(prompt.asks))
        async for event in _speak(turn, prompt, draft, stop):
            yield event
        if not draft.was_too_long:
            break
    yield await in_thread(_finish)(turn, draft)


async def _accepted(
    subject: Subject, channel: Channel, command: Send | Retry
) -> Accepted:
    """Gate and record: a verdict first, then one transaction."""
    if isinstance(command, Retry):
        return await in_thread(_accept_retry)(subject, channel, command)
    text, verdict = await in_thread(_read)(command.text, subject)
    verdict = await _looked(Said(text, Speaker.USER, subject), verdict)
    if settings.GUARD_URL and guard.concerns(verdict):
        verdict = guard.raised(verdict, await _guard().ask(text))
    return await in_thread(_accept)(subject, channel, command, text, verdict)


def _accept(
    subject: Subject, channel: Channel, command: Send, text: str, verdict: Verdict
) -> Accepted:
    return services.accept(
        subject=subject,
        conversation_id=channel.conversation,
        client_id=command.client_id,
        text=text,
        verdict=verdict,
        cursor=stream.tail(channel.conversation),
        now=timezone.now(),
    )


def _accept_retry(subject: Subject, channel: Channel, command: Retry) -> Accepted:
    rates.check(subject.id, rates.MESSAGES)
    return services.accept_retry(
        subject=subject,
        conversation_id=channel.conversation,
        client_id=command.client_id,
        turn_id=command.turn,
        cursor=stream.tail(channel.conversation),
        now=timezone.now(),
    )


def _read(raw: str, subject: Subject) -> tuple[str, Verdict]:
    """The message and its verdict; how often somebody may write holds for what a
    companion would answer, never for danger and leaving."""
    text, verdict = _judged(raw, subject)
    if verdict.action not in {Action.SUPPORT, Action.EXIT}:
        rates.check(subject.id, rates.MESSAGES)
    return text, verdict


def _judged(raw: str, subject: Subject) -> tuple[str, Verdict]:
    """The message and its verdict. Only a message without danger in it is refused for
    its form (`Refused`); of the others, what can be kept is kept."""
    try:
        text = clean(raw)
    except Refused:
        text = salvaged(raw)
        verdict = gate.check_input(text, subject)
        if verdict.action is not Action.SUPPORT:
            raise
        return text[:MAX_MESSAGE_CHARACTERS], verdict
    return text, gate.check_input(text, subject)


def _told_already(accepted: Accepted, subject: Subject) -> list[Event]:
    """What follows a message without a model call; a resend of a turn that is still
    running gets nothing more here, its events are on the stream."""
    if accepted.turn.state == TurnState.RUNNING:
        return []
    shown = frames.fixed_frames(accepted.turn, subject.language)
    if accepted.verdict.action is Action.SUPPORT:
        shown += takeover.after_danger(accepted.turn, timezone.now())
    return shown


async def _line(turn: Turn, language: str, verdict: Verdict) -> str:
    """What the persona is to say to the first message of a chat, where it knows."""
    first = await in_thread(opening)(turn=turn, language=language, verdict=verdict)
    now = timezone.now()
    if first is None or not await in_thread(services.enter_engine)(turn=turn, now=now):
        return ""
    return await _first_line_at(
        settings.ENGINE_URL, key=settings.ENGINE_KEY, model=settings.ENGINE_MODEL
    ).of(first)


@cache
def _first_line_at(urls: str, *, key: str, model: str) -> FirstLine:
    """One for the whole process: it remembers that it failed a moment ago."""
    return FirstLine(_engines(urls, key=key, model=model))


def _made_by(prompt: Prompt) -> MadeBy:
    return MadeBy(
        model=settings.ENGINE_MODEL,
        prompt_version=prompt.version,
        sampling=asdict(prompt.request.sampling),
        view_from=prompt.view_from,
    )


async def _speak(
    turn: Turn, prompt: Prompt, draft: Draft, stop: asyncio.Event
) -> AsyncGenerator[Event, None]:
    """Engine events to frames, sentence by sentence through the output gate."""
    if not await in_thread(services.enter_engine)(turn=turn, now=timezone.now()):
        return
    engine = _engines(
        settings.ENGINE_URL, key=settings.ENGINE_KEY, model=settings.ENGINE_MODEL
    )
    try:
        async with aclosing(until(stop, engine.stream(prompt.request))) as events:
            async for event in events:
                for shown in await _shown(turn, event, draft):
                    yield shown
                if draft.is_blocked:
                    break
    except EngineFailed as failure:
        log.warning("turn %s: engine %s", turn.id, failure.kind)
        draft.end(TurnState.FAILED, f"engine_{failure.kind}")
    if stop.is_set() and not draft.is_blocked:
        draft.end(TurnState.STOPPED, "stopped")
    for shown in await _last_words(turn, draft):
        yield shown


async def _checked(said: Said) -> Verdict:
    """What a model said, before anybody sees it."""
    return await _looked(said, gate.check_output(said.text, said.subject))


async def _looked(said: Said, verdict: Verdict) -> Verdict:
    """The verdict behind a closer look, where one can be taken."""
    if not look.is_wanted():
        return verdict
    return await _look_at(
        settings.ENGINE_URL, key=settings.ENGINE_KEY, model=settings.ENGINE_MODEL
    ).again(said, verdict)


@cache
def _look_at(urls: str, *, key: str, model: str) -> Look:
    """One for the whole process: it remembers that it failed a moment ago."""
    return Look(_engines(urls, key=key, model=model))


def _guard() -> Guard:
    return _guard_at(
        settings.GUARD_URL, key=settings.GUARD_KEY, model=settings.GUARD_MODEL
    )


@cache
def _guard_at(url: str, *, key: str, model: str) -> Guard:
    """One for the whole process: it asks one question at a time."""
    return Guard(url, key=key, model=model)


@cache
def _engines(urls: str, *, key: str, model: str) -> EnginePool:
    """One for the whole process: it remembers which engine failed a moment ago."""
    return EnginePool(addresses(urls), key=key, model=model)


async def _shown(turn: Turn, event: EngineEvent, draft: Draft) -> list[Event]:
    match event:
        case Queued(position):
            return [_status(turn, "queued", position)]
        case Loading():
            return [_status(turn, "loading")]
        case Thinking():
            return [_status(turn, "thinking")]
        case Text(text, model):
            draft.spoken_by(model)
            said = await draft.hear(text)
            return [TurnDelta(turn=turn.id, text=sentence) for sentence in said]
        case Finished():
            draft.finished(event)
    return []


async def _last_words(turn: Turn, draft: Draft) -> list[Event]:
    """The unfinished rest, then the reply read once more as a whole."""
    rest = await draft.hear_rest()
    spoken = [TurnDelta(turn=turn.id, text=sentence) for sentence in rest]
    if draft.is_blocked:
        return [*spoken, TurnRetract(turn=turn.id, text=draft.text)]
    return list(spoken)


def _status(turn: Turn, status: Status, position: int = 0) -> TurnStatus:
    return TurnStatus(
        turn=turn.id, answers=turn.question_id, status=status, position=position
    )


def _finish(turn: Turn, draft: Draft) -> Event:
    """Store the reply and how it ended; when someone else ended the turn first
    (its lease lapsed), their end is the one that is told."""
    services.finish(
        turn=turn,
        text=draft.text,
        state=draft.state,
        reason=draft.reason,
        made_by=draft.made,
        verdict=draft.verdict,
        now=timezone.now(),
    )
    turn.refresh_from_db()
    return frames.done_frame(turn)
