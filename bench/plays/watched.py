"""Operators who do not come, and those who watch being killed themselves."""

import time
from uuid import uuid4

import httpx
from crowd import Crowd, somebody_on_duty
from outcome import Outcome
from stage import Stage

CELERY = ("urgent", "worker", "beat")


def f14(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """Nobody comes; somebody comes and goes silent; nobody is on duty at all."""
    from django.utils import timezone

    from safety import incidents
    from safety.models import Shift

    count = {"quick": 5, "ci": 50, "long": 50}[size]
    somebody_on_duty()
    load = crowd.cries(count * 2, 30)
    stage.play(60, lambda: not load.is_alive())
    everybody = list(crowd.accepted)
    silent = _incidents(everybody[count:])
    for incident in silent:
        incidents.claim(operator=uuid4(), now=timezone.now(), incident=incident)
    stage.play(230)
    Shift.objects.all().delete()
    alone = [crowd.person() for _ in range(count)]
    for subject in alone:
        crowd.cry(subject)
    stage.play(20)
    somebody_on_duty()
    errors = [
        *_errors(_incidents(everybody[:count]), "opened", "unanswered", 120),
        *_errors(silent, "claimed", "lapsed", 90),
        *_errors(silent, "lapsed", "unanswered", 120),
        *_errors(_incidents(alone), "opened", "all_hands", 0),
    ]
    found = crowd.outcome("F14")
    known = [error for error in errors if error is not None]
    found.notes |= {"steps": len(errors), "missed": errors.count(None),
                    "off_by": f"{max(map(abs, known), default=0):.1f}"}  # fmt: skip
    found.must(None not in errors, "a step never came")
    found.should(max(map(abs, known), default=0) <= 5, "a step off by more than 5 s")
    return found


def f21(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """The watchdog, Celery, and both are killed."""
    times = {"quick": 1, "ci": 2, "long": 10}[size]
    slowest = 0.0
    stage.play(90, lambda: bool(stage.gateways.pings))
    for _ in range(times):
        for victims in (("watchdog",), CELERY, (*CELERY, "watchdog")):
            stage.play(40, lambda: _health(stage) == 200)
            stage.put_down(*victims)
            begun = time.monotonic()
            stage.play(40, lambda: _health(stage) == 503)
            slowest = max(slowest, time.monotonic() - begun)
            stage.bring_back(*victims)
    stage.play(60, lambda: _health(stage) == 200)
    stage.put_down("watchdog")
    begun = time.monotonic()
    stage.play(75 if size != "long" else 200)
    pings = [at for at in stage.gateways.pings if at > begun + 2]
    stage.bring_back("watchdog")
    found = Outcome("F21")
    found.notes |= {"killed": times * 3, "unwell_after": f"{slowest:.1f}",
                    "pings_before": len(stage.gateways.pings) - len(pings),
                    "pings_while_dead": len(pings)}  # fmt: skip
    found.must(not pings and bool(stage.gateways.pings), "the dead man's switch")
    found.should(slowest <= 15, "unwell later than 15 s")
    return found


def _health(stage: Stage) -> int:
    try:
        url = f"http://127.0.0.1:{stage.port}/healthz/safety"
        return httpx.get(url, timeout=5, trust_env=False).status_code
    except httpx.HTTPError:
        return 0


def _incidents(subjects: list) -> list:
    from safety.models import Incident

    rows = Incident.objects.filter(subject__in=subjects)
    return list(rows.values_list("pk", flat=True))


def _errors(found: list, first: str, then: str, seconds: int) -> list[float | None]:
    """How far each step was from its time; None where it never came."""
    return [_error(pk, first, then, seconds) for pk in found]


def _error(pk, first: str, then: str, seconds: int) -> float | None:
    from vault.models import AuditEntry

    entries = AuditEntry.objects.filter(facts__incident=str(pk)).order_by("id")
    acts = {entry.act.partition(".")[2]: entry.at for entry in entries}
    if then not in acts:
        return None
    return (acts[then] - acts[first]).total_seconds() - seconds
