"""The operator's way to an engine: how it is, and which model it runs.

Our own engine says everything; of any other server of the protocol it tells what that
one says. Sends no prompt and opens no chat: no way to a model around the gates.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from companion.engine import exposition, tls
from companion.engine.addresses import place
from companion.engine.request import EngineFailed, FailureKind

Status = Literal["ok", "loading", "failed"]
LOOK_SECONDS = 3.0
SWITCH_SECONDS = 180.0
CONNECT_SECONDS = 3.0
STATES: dict[object, Status] = {"ok": "ok", "loading": "loading", "failed": "failed"}
OWN = "companion_engine_"
# What each figure is called: by our own engine, by vLLM, by llama.cpp's server.
FIGURES: dict[str, tuple[str, ...]] = {
    "requests": (f"{OWN}requests_total",),
    "running": (
        f"{OWN}running",
        "vllm:num_requests_running",
        "llamacpp:requests_processing",
    ),
    "waiting": (
        f"{OWN}waiting",
        "vllm:num_requests_waiting",
        "llamacpp:requests_deferred",
    ),
    "prompt_tokens": (
        f"{OWN}prompt_tokens_total",
        "vllm:prompt_tokens_total",
        "llamacpp:prompt_tokens_total",
    ),
    "reply_tokens": (
        f"{OWN}reply_tokens_total",
        "vllm:generation_tokens_total",
        "llamacpp:tokens_predicted_total",
    ),
    "cells": (f"{OWN}cells_used",),
    "parked_chats": (f"{OWN}parked_chats",),
    "parked_memory": (f"{OWN}parked_bytes",),
    "parked_disk": (f"{OWN}parked_disk_bytes",),
}
SPEED = "llamacpp:predicted_tokens_seconds"


@dataclass(frozen=True, slots=True)
class EngineState:
    """What a server says of itself; None is what it does not say.

    `address` holds no password. `is_ours` is a server that can change its model.
    `speed` is in reply tokens a second, the average over the time spent computing;
    `reused` is the share of prompt tokens that did not have to be computed.
    """

    address: str
    status: Status
    reason: str = ""
    model: str = ""
    is_ours: bool = False
    requests: int | None = None
    running: int | None = None
    waiting: int | None = None
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    speed: float | None = None
    reused: float | None = None
    cells: int | None = None
    parked_chats: int | None = None
    parked_memory: int | None = None
    parked_disk: int | None = None


def state(url: str, *, key: str = "", seconds: float = LOOK_SECONDS) -> EngineState:
    """Raises `EngineFailed` when nobody answers there in time."""
    with _talking(url, key, seconds) as http:
        health = http.get("health")
        told = _object(health)
        is_ours = told.get("status") in STATES and "model" in told
        return EngineState(
            address=place(url),
            status=_status(health, told),
            reason=str(told.get("reason") or ""),
            model=str(told["model"]) if is_ours else _first_model(http),
            is_ours=is_ours,
            **_figures(_measures(http), told if is_ours else {}),
        )


def use_model(
    url: str, name: str, *, key: str = "", seconds: float = SWITCH_SECONDS
) -> str:
    """The name of the model that answers from now on. Raises `EngineFailed`:
    `refused` and `busy` when the old one stays, with why; after a `timeout` or
    `broken` only the state can tell."""
    with _talking(url, key, seconds) as http:
        answer = http.post("v1/models/use", json={"model": name})
    told = _object(answer)
    if answer.status_code != httpx.codes.OK:
        raise EngineFailed(_kind(answer.status_code), _why(answer, told))
    return str(told.get("model") or name)


# --- The connection


@contextmanager
def _talking(url: str, key: str, seconds: float) -> Iterator[httpx.Client]:
    parts = urlsplit(url)
    is_socket = parts.scheme == "unix"
    try:
        if is_socket:
            _knock(parts.path)
        with httpx.Client(
            base_url="http://engine" if is_socket else _root(url),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
            transport=httpx.HTTPTransport(
                uds=parts.path if is_socket else None, verify=tls.context(parts.scheme)
            ),
        ) as http:
            yield http
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise EngineFailed(_kind_of(problem), type(problem).__name__) from None


def _knock(path: str) -> None:
    """httpx leaves a socket open that was refused, so it never asks one that is."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(CONNECT_SECONDS)
        door.connect(path)


def _root(url: str) -> str:
    """Health and figures stand beside the protocol, not under it."""
    return url.rstrip("/").removesuffix("/v1")


def _kind_of(problem: Exception) -> FailureKind:
    match problem:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.InvalidURL():
            return "unreachable"
        case httpx.TimeoutException():
            return "timeout"
        case httpx.HTTPError():
            return "broken"
    return "unreachable"


# --- What was answered


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object, or an empty one for whatever else it is."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _status(health: httpx.Response, told: dict[str, Any]) -> Status:
    if known := STATES.get(str(told.get("status"))):
        return known
    # 404: a server without such a page, which answers even so.
    is_well = health.is_success or health.status_code == httpx.codes.NOT_FOUND
    loading = health.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return "ok" if is_well else "loading" if loading else "failed"


def _first_model(http: httpx.Client) -> str:
    listed = _object(http.get("v1/models")).get("data")
    first = listed[0] if isinstance(listed, list) and listed else {}
    return str(first.get("id") or "") if isinstance(first, dict) else ""


def _measures(http: httpx.Client) -> dict[str, float]:
    answer = http.get("metrics")
    return exposition.read(answer.text) if answer.is_success else {}


def _figures(said: dict[str, float], health: dict[str, Any]) -> dict[str, Any]:
    """Fields of `EngineState`. The health of our own engine stands in for figures
    that want a key."""
    figures: dict[str, Any] = {}
    for field, names in FIGURES.items():
        heard = next((int(said[name]) for name in names if name in said), None)
        figures[field] = _whole(health.get(field)) if heard is None else heard
    return figures | {"speed": _speed(said), "reused": _reused(said)}


def _speed(said: dict[str, float]) -> float | None:
    busy = said.get(f"{OWN}busy_seconds_total")
    spoken = said.get(f"{OWN}reply_tokens_total")
    return spoken / busy if busy and spoken else said.get(SPEED)


def _reused(said: dict[str, float]) -> float | None:
    kept = said.get(f"{OWN}reused_tokens_total", 0.0)
    asked = kept + said.get(f"{OWN}prompt_tokens_total", 0.0)
    return kept / asked if asked else None


def _whole(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _kind(status: int) -> FailureKind:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "busy"
    return "refused" if status < httpx.codes.INTERNAL_SERVER_ERROR else "broken"


def _why(answer: httpx.Response, told: dict[str, Any]) -> str:
    """The server's own sentence, without the kind before it."""
    error = told.get("error")
    if not isinstance(error, dict):
        return f"HTTP {answer.status_code}"
    said = str(error.get("message") or f"HTTP {answer.status_code}")
    return said.removeprefix(f"{error.get('code')}: ")
