"""Named points at which a process is killed, each in a real process of its own.

Nobody else works meanwhile: what a dead process left behind must be finished by the
next one, at once, with one row of each kind and one key.
"""

import os
import random
import threading
import time
import traceback
from collections.abc import Callable
from uuid import UUID, uuid4

from crowd import Crowd, signal
from outcome import Outcome
from stage import Stage

Act = Callable[[UUID, UUID], object]  # subject, operator
POINTS = (
    "signal.written", "signal.committed", "duty.claimed", "duty.handled", "duty.done",
    "ladder.advanced", "delivery.claimed", "delivery.sent", "delivery.marked",
    "ack.written", "incident.claimed", "incident.closed",
)  # fmt: skip
WORKERS = ("urgent", "worker", "beat", "watchdog")


def f02(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """SIGKILL at each point, then everybody else goes on."""
    times = stage.scaled({"quick": 2, "ci": 10, "long": 100}[size])
    alone(stage)
    whole, killed, slow = 0, 0, 0.0
    for number in range(len(POINTS) * times):
        point = POINTS[number % len(POINTS)]
        subject, operator = crowd.person(), uuid4()
        died = _dies_at(point, number, subject, operator)
        killed += died
        begun = time.monotonic()
        _ends_well(crowd, subject, operator)
        slow = max(slow, time.monotonic() - begun)
        whole += died and _is_whole(subject, operator, point)
        stage.progress(f"F02: {number + 1} of {len(POINTS) * times}, {whole} whole")
    found = crowd.outcome("F02", limit=60)
    trials = len(POINTS) * times
    found.notes |= {"points": len(POINTS), "trials": trials, "killed": killed,
                    "whole": whole, "longest_repair": f"{slow:.1f}"}  # fmt: skip
    found.must(whole == trials, f"{trials - whole} not whole")
    return found


def alone(stage: Stage) -> None:
    """Nobody else works, and no thread of this process holds anything at a fork."""
    from django.conf import settings

    settings.SAFETY_KICKS = False
    stage.put_down(*WORKERS)
    stage.play(6)  # a look back that had begun has ended


def in_child(act: Callable[[], object], crash: str = "", *, wait: bool = True) -> int:
    """Does it in a forked process with connections of its own; its exit status,
    negative for a signal. Without `wait` its process id."""
    pid = os.fork()
    if pid == 0:
        try:
            _as_new(crash)
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if wait else pid


def _as_new(crash: str) -> None:
    """What a fork has inherited is not its own: the pool of connections above all."""
    import importlib

    from django.conf import settings
    from django.db import connections

    from safety import crash as hook
    from safety import sending

    os.environ["SAFETY_CRASH"] = crash
    importlib.reload(hook)
    settings.SAFETY_KICKS = False
    sending._slots = threading.Lock()
    sending._sending.clear()
    mine = connections["default"]
    type(mine)._connection_pools = {}
    mine.connection = None


def _dies_at(point: str, number: int, subject: UUID, operator: UUID) -> bool:
    """The story of one person up to the point, told in one process."""
    hit = 1 + random.Random(number).randrange(2) if point.startswith("duty") else 1  # noqa: S311
    status = in_child(lambda: _story(subject, operator, point), f"{point}:{hit}")
    return status == -9


def _story(subject: UUID, operator: UUID, point: str) -> None:
    from django.utils import timezone

    from safety import clock, crash, deliveries, incidents, tasks
    from safety.models import Delivery, Duty

    incident = signal(subject, uuid4())
    crash.point("signal.committed")
    if point == "ladder.advanced":
        Duty.objects.filter(incident=incident, kind="deadline").update(
            due_at=clock.now()
        )
    tasks.work()
    tasks.work()
    told = Delivery.objects.filter(incident=incident, contact__isnull=False).first()
    deliveries.acknowledge(token=deliveries.ack_token(told), now=timezone.now())
    incidents.claim(operator=operator, now=timezone.now(), incident=incident)
    incidents.close(
        incident=incident, operator=operator, reason="bench", note="",
        now=timezone.now(),
    )  # fmt: skip


def _ends_well(crowd: Crowd, subject: UUID, operator: UUID) -> None:
    """The client asks again; others work; the same people press their buttons."""
    from django.utils import timezone

    from safety import deliveries, incidents, tasks
    from safety.models import Delivery, Incident

    known = Incident.objects.filter(subject=subject).first()
    incident = known.pk if known else crowd.cry(subject)
    crowd.accepted.setdefault(subject, time.monotonic() - 1)
    while tasks.work():
        pass
    told = Delivery.objects.filter(incident=incident, contact__isnull=False).first()
    if told:
        deliveries.acknowledge(token=deliveries.ack_token(told), now=timezone.now())
    if incidents.claim(operator=operator, now=timezone.now(), incident=incident):
        incidents.close(
            incident=incident, operator=operator, reason="bench", note="",
            now=timezone.now(),
        )  # fmt: skip
    crowd.settle()  # closing, too, leaves a duty: the dialogue is told


def _is_whole(subject: UUID, operator: UUID, point: str) -> bool:
    """One incident, closed by the operator; one notice, acknowledged, with one key,
    and one that it is over; nothing waits; the chain of entries holds and has each
    act once."""
    from safety.models import Delivery, Duty, Incident
    from vault import audit

    incidents = list(Incident.objects.filter(subject=subject))
    notices = Delivery.objects.filter(subject=subject, contact__isnull=False)
    acts = list(
        audit.AuditEntry.objects.filter(chain=str(subject)).values_list(
            "act", flat=True
        )
    )
    audit.verify(subject)
    return (
        [(one.state, one.closed_by) for one in incidents] == [("closed", operator)]
        and sorted((one.template, one.state) for one in notices)
        in (
            [("contact.notice", "acked")],
            [("contact.all_clear", "sent"), ("contact.notice", "acked")],
        )
        and not Duty.objects.filter(subject=subject, state="waiting").exists()
        and all(
            acts.count(f"incident.{act}") == 1
            for act in ("opened", "claimed", "closed")
        )
    )
