"""Notices through Apprise: text messages, DingTalk, WeCom, Feishu, webhooks, voice.

Apprise says only whether it worked, and not every provider refuses with a status. So
each answer is read as it comes in, and each request is looked at before it leaves:
none goes to a host of a private network and none follows a redirect.
"""

import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import requests
from apprise import Apprise, AppriseAsset
from django.conf import settings

from safety.channels.addresses import Scheme, Unusable, check, check_host
from safety.channels.results import Permanent, Sent, Temporary
from safety.notices import Text
from safety.policy import POLICY

WEBHOOKS = {"json", "jsons", "form", "forms"}
BUSY = {408, 425, 429}
SERVER = 500
OK = range(200, 300)
READ = 4_096  # bytes of an answer that can hold a code


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    beginning: bytes


_answers: ContextVar[list[Answer] | None] = ContextVar("answers", default=None)


def send(key: UUID, address: str, text: Text) -> Sent:
    """Raises `Temporary` or `Permanent`."""
    try:
        scheme = check(address)
    except Unusable:
        raise Permanent("address") from None
    plugin = _plugin(_with_key(scheme, address, key))
    body = text.short if scheme.is_short else text.body
    answers: list[Answer] = []
    token = _answers.set(answers)
    try:
        taken = plugin.notify(body=body, title="" if scheme.is_short else text.subject)
    except Unusable:
        raise Permanent("private network") from None
    finally:
        _answers.reset(token)
    _judge(scheme, taken, answers)
    return Sent()


def warm_up() -> None:
    """Apprise reads all its providers when the first one is asked for."""
    _plugin("jsons://example.org")


def _plugin(address: str) -> Any:
    asset = AppriseAsset(
        app_id=settings.SERVICE_NAME,
        app_desc=settings.SERVICE_NAME,
        app_url="",
        image_url_mask=False,
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        secure_logging=True,
    )
    plugin = Apprise.instantiate(address, asset=asset)
    if plugin is None:
        raise Permanent("address")
    plugin.socket_connect_timeout = POLICY.notice.timeout / 2
    plugin.socket_read_timeout = POLICY.notice.timeout / 2
    plugin.redirects = False
    plugin.verify_certificate = True
    return plugin


def _with_key(scheme: Scheme, address: str, key: UUID) -> str:
    """Webhooks get the key as a header, so that they can drop a second copy."""
    if scheme.id not in WEBHOOKS:
        return address
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{quote('+')}Idempotency-Key={key}"


def _judge(scheme: Scheme, taken: bool, answers: list[Answer]) -> None:
    if not answers:
        raise Temporary("no connection")
    last = answers[-1]
    if last.status in BUSY or last.status >= SERVER:
        raise Temporary(f"http {last.status}")
    if last.status not in OK:
        raise Permanent(f"http {last.status}")
    code = _code(scheme, last)
    if code is not None and code not in scheme.fine:
        kind = Temporary if code in scheme.later else Permanent
        raise kind(f"{scheme.id} {code}")
    if not taken:
        raise Permanent(f"{scheme.id} refused")


def _code(scheme: Scheme, answer: Answer) -> int | None:
    """The provider's own word, where it gives one beside the status."""
    if not scheme.field:
        return None
    try:
        value = json.loads(answer.beginning).get(scheme.field)
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, int) else None


_send = requests.Session.send


def _watched(
    session: requests.Session, request: requests.PreparedRequest, **kwargs: Any
) -> requests.Response:
    """Every request of Apprise passes here; those of nobody else are touched."""
    answers = _answers.get()
    if answers is None:
        return _send(session, request, **kwargs)
    check_host(urlsplit(request.url or "").hostname or "")
    answer = _send(session, request, **kwargs)
    answers.append(Answer(answer.status_code, answer.content[:READ]))
    return answer


requests.Session.send = _watched  # type: ignore[method-assign, assignment]  # Apprise gives no hook
# Apprise reads all of its plugins for the first address: now, not before a notice.
_plugin("json://127.0.0.1")
