"""Five questions that are asked from outside: is the process up, can it serve, is
something doing the duties of safety, is somebody on duty, do the companions have their
lines."""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from companion import first_line, look, voice_bank
from safety import clock, gate, heartbeats, roster
from safety.models import ShiftRole
from safety.policy import POLICY


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def safety(request: HttpRequest) -> HttpResponse:
    """503 when Celery or the watchdog has no pulse, a duty is late or a layer of
    detection fails in this process; says which."""
    try:
        trouble = _trouble()
    except DatabaseError:
        trouble = ["no database"]
    text = "\n".join(trouble or ["ok"])
    return HttpResponse(
        f"{text}\n", status=503 if trouble else 200, content_type="text/plain"
    )


@require_safe
@never_cache
def on_duty(request: HttpRequest) -> HttpResponse:
    """503 while nobody is on duty who answers a crisis; says how many are."""
    try:
        count = len(roster.on_duty(now=clock.now(), role=ShiftRole.RESPONDER))
    except DatabaseError:
        return HttpResponse("no database\n", status=503, content_type="text/plain")
    return HttpResponse(
        f"{count} on duty\n", status=200 if count else 503, content_type="text/plain"
    )


@require_safe
@never_cache
def voices(request: HttpRequest) -> HttpResponse:
    """503 when this process could not use a persona's voice bank, or not ask what its
    last first message was about; chats go on."""
    trouble = voice_bank.trouble() + first_line.trouble()
    text = "\n".join(trouble or ["ok"])
    return HttpResponse(
        f"{text}\n", status=503 if trouble else 200, content_type="text/plain"
    )


@require_safe
@never_cache
def closer_look(request: HttpRequest) -> HttpResponse:
    """503 when this process could not take its last closer look: then the heads decide
    alone, and chats go on."""
    trouble = look.trouble()
    text = "\n".join(trouble or ["ok"])
    return HttpResponse(
        f"{text}\n", status=503 if trouble else 200, content_type="text/plain"
    )


def _trouble() -> list[str]:
    now, numbers = clock.now(), POLICY.watchdog
    oldest = timedelta(seconds=numbers.unhealthy)
    silent = [
        f"no pulse: {kind}"
        for kind in (heartbeats.CELERY, heartbeats.WATCHDOG)
        if (age := heartbeats.age(kind, now)) is None or age > oldest
    ]
    late = heartbeats.lateness(now) > timedelta(seconds=numbers.late)
    return silent + (["a duty is late"] if late else []) + _broken_layers()


def _broken_layers() -> list[str]:
    """Asked behind the database: without it no message is accepted at all."""
    return [f"layer {one.name}: {one.failing}" for one in gate.layers() if one.failing]
