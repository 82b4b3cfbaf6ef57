"""What goes into the engine and what comes out: tokens and text, no people."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "cancelled"]
FailureKind = Literal["unreachable", "busy", "too_long", "refused", "timeout", "broken"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; the defaults belong to the model record. With `ignore_eos`
    a reply goes on to its limit, as measurements need it."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    min_p: float = 0.05
    repeat_penalty: float = 1.05
    seed: int | None = None
    ignore_eos: bool = False


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One reply to make.

    `cache_key` names the chat, so that an engine can keep its prefix; the first
    `shared` messages are the same in every chat with a persona, so that an engine may
    keep them once. `max_seconds` counts from the moment that the request is accepted.
    With `scores_of`, ids of tokens, nothing is said: the answer is how high the model
    scores each of them as the first of its reply.
    """

    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int = 400
    max_seconds: float = 60.0
    stop: tuple[str, ...] = ()
    cache_key: str = ""
    shared: int = 0
    scores_of: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """The request waits; `position` 1 is next."""

    position: int


@dataclass(frozen=True, slots=True)
class Loading:
    """The model is being loaded."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """The prompt is being evaluated."""


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the reply: whole characters, never half of one. `model` says
    it, where a server tells that before the end."""

    text: str
    model: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores that were asked for, in that order (logits: before the softmax)."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a request. Token counts are 0 when a server does not say."""

    reason: FinishReason
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


EngineEvent = Queued | Loading | Thinking | Text | Scores | Finished


class EngineFailed(Exception):
    """The engine could not answer.

    `kind` is `unreachable`, `busy` (its queue is full), `too_long` (the prompt does
    not fit into its context), `refused` (it will not take this request for another
    reason), `timeout` or `broken` (it stopped in the middle).
    """

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
