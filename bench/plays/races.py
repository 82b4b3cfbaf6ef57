"""What happens at the same time: answers, stopped processes, cut sessions, poison."""

import os
import random
import signal as signals
import threading
import time
from uuid import uuid4

from crowd import Crowd
from outcome import Outcome
from stage import Stage

from plays.points import alone, in_child

AFTER_ANSWER = 1.0  # seconds in which something may still leave
STOPPED_AT = ("duty.claimed", "duty.handled", "delivery.claimed", "delivery.sent")


def f04(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """Sessions of the database are terminated under everybody."""
    from django.db import connection

    cuts = {"quick": 50, "ci": 50, "long": 500}[size]
    load = crowd.cries(cuts * 2, cuts)
    chance = random.Random(4)  # noqa: S311
    for _ in range(cuts):
        stage.play(chance.uniform(0.5, 1.4))
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and backend_type = 'client backend'"
                " order by random() limit 1"
            )
    stage.play(60, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F04")
    found.notes |= {"cut": cuts, "retries": crowd.retries}
    return found


def f11(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """Processes that stop for longer than their lease, and then go on."""
    from safety import tasks

    count = {"quick": 8, "ci": 32, "long": 200}[size]
    alone(stage)
    zombies = [_stopped(crowd, STOPPED_AT[n % len(STOPPED_AT)]) for n in range(count)]
    stage.play(31)
    crowd.settle()
    for pid in zombies:
        os.kill(pid, signals.SIGCONT)
    ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in zombies]
    while tasks.work():
        pass
    found = crowd.outcome("F11", limit=60)
    states = crowd.states()
    found.notes |= {"zombies": count, "ended": ends.count(0),
                    "states": "/".join(sorted(states))}  # fmt: skip
    found.must(states <= {"sent"}, "a notice in another state")
    found.must(ends.count(0) == count, "a stopped process ended badly")
    return found


def f15(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """An acknowledgement and the next notice, at once."""
    count = {"quick": 40, "ci": 1000, "long": 1000}[size]
    alone(stage)
    legal, latest = 0, 0.0
    for _ in range(count):
        right, after = _race(crowd)
        legal, latest = legal + right, max(latest, after)
    found = crowd.outcome("F15")
    found.notes |= {"races": count, "legal": legal, "latest_after": f"{latest:.2f}"}
    found.must(legal == count, f"{count - legal} in no legal state")
    found.should(latest <= AFTER_ANSWER, f"begun {latest:.1f} s after an answer")
    return found


def f16(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """Duties that always break, among good ones."""
    from django.utils import timezone

    from safety import duties
    from safety.models import Duty

    count, poison = {"quick": (36, 4), "ci": (180, 20), "long": (1800, 200)}[size]
    known = len(stage.gateways.alarms)
    for _ in range(poison):
        duties.write(kind="bench.poison", subject=uuid4(), due_at=timezone.now())
    load = crowd.cries(count, count / 3)
    rows = Duty.objects.filter(kind="bench.poison")
    stage.play(count, lambda: not load.is_alive())
    parked = rows.filter(state="parked")
    stage.play(90, lambda: crowd.all_told() and parked.count() == poison)
    stage.play(5)
    found = crowd.outcome("F16")
    tries = set(rows.values_list("attempts", flat=True))
    alarms = [title for _, title in stage.gateways.alarms[known:] if "failed" in title]
    found.notes |= {"poison": poison, "parked": parked.count(), "tries": tries,
                    "alarms": len(alarms)}  # fmt: skip
    found.must(parked.count() == poison and tries == {5}, "poison was not parked")
    found.must(bool(alarms), "nobody was told of poison")
    rows.delete()
    return found


def _stopped(crowd: Crowd, point: str) -> int:
    """A process that is stopped at the point, with work in its hands."""
    from django.db import connections

    subject = crowd.person()
    crowd.cry(subject)
    from safety import duties, tasks

    if point.startswith("delivery"):
        while duties.run_due():
            pass
    connections["default"].close()
    pid = in_child(tasks.work, f"{point}:1:STOP", wait=False)
    os.waitpid(pid, os.WUNTRACED)
    return pid


def _race(crowd: Crowd) -> tuple[bool, float]:
    """Whether every row is as it may be, and how long after the commit of the answer
    something still left the house."""
    from django.db import connection
    from django.utils import timezone

    from safety import deliveries, duties, tasks
    from safety.models import Delivery, Duty, Incident

    subject = crowd.person()
    incident = Incident.objects.get(pk=crowd.cry(subject))
    while tasks.work():
        pass
    first = Delivery.objects.get(subject=subject, contact__isnull=False)
    duties.hasten(incident=incident, kind="notify", now=timezone.now())
    answered: list[float] = []
    start = threading.Barrier(2)

    def answer() -> None:
        start.wait()
        deliveries.acknowledge(token=deliveries.ack_token(first), now=timezone.now())
        answered.append(time.monotonic())
        connection.close()

    def go_on() -> None:
        start.wait()
        tasks.work()
        connection.close()

    threads = [threading.Thread(target=one) for one in (answer, go_on)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    while tasks.work():
        pass
    rows = Delivery.objects.filter(subject=subject, contact__isnull=False)
    keys = {str(row.pk) for row in rows}
    late = [one.begun for one in crowd.gateways.arrivals if one.key in keys]
    states = sorted(row.state for row in rows)
    legal = states in (["acked"], ["acked", "sent"], ["acked", "cancelled"])
    waiting = Duty.objects.filter(incident=incident, kind="notify", state="waiting")
    return legal and not waiting.exists(), max(late) - answered[0]
