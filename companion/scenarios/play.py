"""Play a story: a person made through the services, a real engine's server with written
words, and every message through `run_turn`. Says what came otherwise than expected.

Time between steps passes by moving back what was noted, which is ids and labels only.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F
from django.test.utils import override_settings
from django.utils import timezone

from accounts import agreement, operators
from accounts import services as accounts
from accounts.models import ConsentPurpose, User
from companion import rates, services
from companion.engine.runner import Runner
from companion.engine.scripted import Scripted
from companion.models import Conversation
from companion.protocol import encode
from companion.protocol.commands import Send
from companion.protocol.events import Event, TurnDone
from companion.refusal import Refused
from companion.scenarios.serve import serving
from companion.scenarios.stories import Step, Story, Writer
from companion.stream import Channel, in_thread
from companion.turn import run_turn
from safety.models import DependenceDay, Incident, IncidentState, Observation, Severity
from vault.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problems` is empty when everything came as written."""

    story: str
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Stage:
    """Who writes where, and the engine that would answer."""

    user: User
    channel: Channel
    speaker: Scripted
    runner: Runner


async def play(story: Story) -> Outcome:
    user = await in_thread(_person)(story.writer)
    chat = await in_thread(_chat)(user)
    channel = Channel(conversation=chat, owner=user.id)
    problems: list[str] = []
    with _engine() as (url, speaker, runner), override_settings(ENGINE_URL=url):
        stage = Stage(user, channel, speaker, runner)
        for number, step in enumerate(story.steps, start=1):
            for _ in range(step.times):
                found = await _take(stage, step)
            problems += [f"step {number}, {one}" for one in _wrong(step, found)]
    return Outcome(story.id, tuple(problems))


@contextmanager
def _engine() -> Iterator[tuple[str, Scripted, Runner]]:
    speaker = Scripted(delay=0)
    with tempfile.TemporaryDirectory(prefix="story-") as folder:
        runner = Runner(lambda: speaker)
        with serving(runner, Path(folder) / "engine.sock") as url:
            yield url, speaker, runner


async def _take(stage: Stage, step: Step) -> dict[str, Any]:
    """Everything that can be expected, as it came."""
    stage.speaker.text = step.reply
    asked_before = stage.runner.requests
    await in_thread(_wait)(stage, step)
    command = Send(client_id=uuid4(), text=step.says)
    events: list[Event] = []
    refused = ""
    turn = run_turn(stage.user, stage.channel, command, asyncio.Event())
    try:
        events = [event async for event in turn]
    except Refused as refusal:
        refused = refusal.code
    done = next((e for e in events if isinstance(e, TurnDone)), None)
    found = await in_thread(_rows)(stage)
    return found | {
        "refused": refused,
        "outcome": done.outcome if done else "",
        "reason": done.reason if done else "",
        "asked_model": stage.runner.requests > asked_before,
        "never": "".join(encode(event) for event in events),
    }


def _wait(stage: Stage, step: Step) -> None:
    rates.begin_anew(stage.user.id)
    if step.puts_away:
        services.put_card_away(
            user_id=stage.user.id,
            conversation_id=stage.channel.conversation,
            reason=step.puts_away,
        )
    Observation.objects.filter(subject=stage.user.id).update(
        at=F("at") - timedelta(hours=step.hours)
    )


def _rows(stage: Stage) -> dict[str, Any]:
    chat = Conversation.objects.get(pk=stage.channel.conversation)
    seen = AuditEntry.objects.filter(chain=str(stage.user.id), act="gate.input")
    facts = seen.order_by("seq").values_list("facts", flat=True).last() or {}
    open_now = Incident.objects.filter(subject=stage.user.id).exclude(
        state=IncidentState.CLOSED
    )
    incident = open_now.first()
    day = DependenceDay.objects.filter(subject=stage.user.id).order_by("day").last()
    return {
        "state": chat.state,
        "label": facts.get("labels", []),
        "rule": facts.get("rules", []),
        "tier": facts.get("tier", 0),
        "incident": Severity(incident.severity).name.lower() if incident else "none",
        "level": day.level if day else "none",
    }


def _wrong(step: Step, found: dict[str, Any]) -> list[str]:
    """“says …: reason should be …, is …”."""
    return [
        f"“{step.says[:40]}”: {name} should be {wanted}, is {found[_key(name)]}"
        for name, wanted in step.expect.items()
        if not _holds(name, wanted, found[_key(name)])
    ]


def _key(name: str) -> str:
    return "tier" if name == "tier_most" else name


def _holds(name: str, wanted: Any, found: Any) -> bool:
    match name:
        case "label" | "rule":
            return wanted in found
        case "tier":
            return bool(found >= wanted)
        case "tier_most":
            return bool(found <= wanted)
        case "never":
            return wanted not in found
        case _:
            return bool(wanted == found)


def _person(writer: Writer) -> User:
    """Through the same gate as everybody."""
    now = timezone.now()
    name = f"story-{uuid4().hex[:12]}"
    user = User.objects.create_user(f"{name}@localhost", language=writer.language)
    operators.confirm_email(user)
    accounts.accept_agreement(
        user=user, version=agreement.VERSION, language=writer.language, now=now
    )
    accounts.state_about(
        user=user,
        birth_date=date(now.year - writer.age, 1, 1),
        region=writer.region,
        language=writer.language,
        time_zone=writer.time_zone,
    )
    accounts.name_contact(
        user=user, name="Gil", email="gil@localhost", phone="", now=now
    )
    if writer.age < 14:
        _consented(user)
    return user


def _consented(ward: User) -> None:
    guardian = User.objects.create_user(f"guardian-of-{ward.email}")
    for purpose in ConsentPurpose:
        accounts.record_consent(
            ward=ward, guardian=guardian, purpose=purpose, now=timezone.now()
        )


def _chat(user: User) -> UUID:
    chat = services.start_conversation(user=user, persona="mei", now=timezone.now())
    return chat.id
