"""A chat with any server of the OpenAI protocol, for bench/engine.py: what it says, and
when each piece of a reply came."""

import json
import time
from dataclasses import dataclass, field

import httpx

TOKENS = 64
SAMPLING = {"temperature": 0.7, "top_p": 0.9, "top_k": 40, "min_p": 0.05,
            "repeat_penalty": 1.05, "seed": 7}  # fmt: skip
PERSONA = (
    "Your name is Mei. You are a warm, down-to-earth chat companion. You are an AI and "
    "you never pretend to be human: you have no body, no family, no past and no day of "
    "your own. You write like a kind friend texting: one to three short sentences, "
    "plain words. You answer what the person just said, speak of the concrete thing "
    "they told you, and sometimes ask one small question. You do not lecture and give "
    "tips only when asked. When someone leaves, you say goodbye simply."
)
THINGS = ("harbour", "garden", "kitchen", "piano", "library", "mountain", "market",
          "lantern", "window", "teacher", "river", "letter", "blanket", "orchard",
          "station", "bicycle")  # fmt: skip
SAYING = (
    "I spent the whole afternoon near the {} today and kept thinking about what you "
    "said last time. My sister called, we talked for an hour about the old {} and the "
    "people we knew. What would you have told her about it?"
)


def saying(chat: int, turn: int) -> str:
    """About 50 tokens that no other chat says."""
    first = THINGS[(chat * 5 + turn) % len(THINGS)]
    second = THINGS[(chat + turn * 7 + 3) % len(THINGS)]
    return f"({chat}.{turn}) " + SAYING.format(first, second)


@dataclass
class Reply:
    text: str = ""
    begun: float = field(default_factory=time.perf_counter)
    at: list[float] = field(default_factory=list)

    @property
    def first(self) -> float:
        return self.at[0] - self.begun

    @property
    def gaps(self) -> list[float]:
        return [b - a for a, b in zip(self.at, self.at[1:], strict=False)]


@dataclass
class Chat:
    """One chat with its history; `opening` is what the system says."""

    http: httpx.AsyncClient
    number: int
    opening: str = PERSONA
    said: list[str] = field(default_factory=list)

    async def turn(self, tokens: int = TOKENS) -> Reply:
        self.said.append(saying(self.number, len(self.said) // 2))
        reply = await ask(self.http, self.opening, self.said, f"c{self.number}", tokens)
        self.said.append(reply.text)
        return reply


async def ask(
    http: httpx.AsyncClient, opening: str, said: list[str], key: str, tokens: int
) -> Reply:
    roles = ["user", "assistant"] * len(said)
    messages = [{"role": "system", "content": opening}]
    messages += [{"role": r, "content": s} for r, s in zip(roles, said, strict=False)]
    body = SAMPLING | {
        "messages": messages,
        "max_tokens": tokens,
        "max_seconds": 600,
        "stream": True,
        "ignore_eos": True,
        "prompt_cache_key": key,
    }
    reply = Reply()
    async with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            for choice in json.loads(line[6:]).get("choices", []):
                if said_now := choice["delta"].get("content"):
                    reply.text += said_now
                    reply.at.append(time.perf_counter())
    return reply
