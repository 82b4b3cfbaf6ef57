"""What a server's stream says: frames in, events out.

Knows our own engine's frames and those of any other server of the protocol. Drops what
a model thinks, and never takes a stream without a proper end for a whole reply.
"""

from typing import Any, cast

import msgspec
from httpx_sse import ServerSentEvent

from companion.engine.request import (
    EngineEvent,
    EngineFailed,
    FailureKind,
    Finished,
    FinishReason,
    Loading,
    Queued,
    Scores,
    Text,
    Thinking,
)
from companion.engine.thoughts import Thoughts

FAILURES: dict[object, FailureKind] = {
    "busy": "busy",
    "context_length_exceeded": "too_long",
    "refused": "refused",
    "timeout": "timeout",
}


class Reading:
    """Turns the frames of one stream into events."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._thoughts = Thoughts()
        self._reason: FinishReason | None = None
        self._usage: dict[str, Any] = {}

    def read(self, frame: ServerSentEvent) -> list[EngineEvent]:
        if not frame.data or frame.data == "[DONE]":
            return []
        chunk = msgspec.json.decode(frame.data, type=dict[str, Any])
        if problem := chunk.get("error"):
            raise _told(problem)
        self._model = chunk.get("model") or self._model
        self._usage = chunk.get("usage") or self._usage
        if status := chunk.get("companion"):
            return [_status(status)]
        return [
            event
            for choice in chunk.get("choices", [])[:1]
            for event in self._choice(choice)
        ]

    def end(self) -> Finished:
        if self._reason is None:
            raise EngineFailed("broken", "the stream ended in the middle of a reply")
        return Finished(
            reason=self._reason,
            model=self._model,
            prompt_tokens=self._usage.get("prompt_tokens") or 0,
            completion_tokens=self._usage.get("completion_tokens") or 0,
        )

    def _choice(self, choice: dict[str, Any]) -> list[EngineEvent]:
        said = self._thoughts.feed((choice.get("delta") or {}).get("content") or "")
        if reason := choice.get("finish_reason"):
            said += self._thoughts.rest()
            known = reason in {"length", "cancelled"}
            self._reason = cast(FinishReason, reason) if known else "stop"
        return [Text(said, self._model)] if said else []


def _told(problem: object) -> EngineFailed:
    """The failure that a server reports inside the stream."""
    code = problem.get("code") if isinstance(problem, dict) else None
    return EngineFailed(FAILURES.get(code, "broken"))


def _status(status: dict[str, Any]) -> EngineEvent:
    if "scores" in status:
        return Scores(tuple(map(float, status["scores"])))
    match status.get("status"):
        case "queued":
            return Queued(int(status.get("position") or 1))
        case "loading":
            return Loading()
        case _:
            return Thinking()
