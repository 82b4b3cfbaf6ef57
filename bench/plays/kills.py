"""Processes that die: workers, database, broker, all of Celery."""

import random
import time

from crowd import Crowd, Outcome
from stage import Stage


def f01(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """SIGKILL of whoever does duties, at random moments."""
    count, kills, seconds = {
        "quick": (200, 30, 60), "ci": (200, 30, 100), "long": (2000, 300, 1000)
    }[size]  # fmt: skip
    chance = random.Random(1)  # noqa: S311
    load = crowd.cries(count, seconds)
    begun = time.monotonic()
    for moment in sorted(chance.uniform(0, seconds) for _ in range(kills)):
        stage.play(begun + moment - time.monotonic())
        stage.kill(chance.choice(["urgent", "watchdog"]))
    stage.play(seconds, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F01")
    found.notes["kills"] = kills
    return found


def f03(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """SIGKILL of the whole tree of PostgreSQL."""
    count, kills = {"quick": (60, 3), "ci": (100, 3), "long": (600, 30)}[size]
    chance, longest = random.Random(3), 0.0  # noqa: S311
    load = crowd.cries(count, kills * 10)
    for _ in range(kills):
        stage.play(chance.uniform(4, 8))
        stage.kill("postgres")
        stage.play(60, _database_is_back)
        back, known = time.monotonic(), len(crowd.gateways.arrivals)
        stage.play(30, lambda known=known: len(crowd.gateways.arrivals) > known)
        longest = max(longest, time.monotonic() - back)
    stage.play(120, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F03", limit=15.0)
    found.notes |= {"kills": kills, "retries": crowd.retries,
                    "first_send_after": f"{longest:.1f}"}  # fmt: skip
    found.passed = not found.lost and not found.wrong and longest <= 15
    return found


def f05(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """The broker is killed, emptied, and then away for long."""
    away = {"quick": 30, "ci": 300, "long": 600}[size]
    load = crowd.cries(away * 2, away + 20)
    for _ in range({"quick": 3, "ci": 5, "long": 20}[size]):
        stage.play(2)
        _flush()
        stage.play(1)
        stage.kill("valkey")
    stage.put_down("valkey")
    stage.play(away)
    stage.bring_back("valkey")
    stage.play(60, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F05")
    found.notes["away"] = f"{away}s"
    return found


def f06(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """All of Celery is killed and stays dead."""
    away = {"quick": 35, "ci": 120, "long": 600}[size]
    known = len(stage.gateways.alarms)
    stage.put_down("urgent", "worker", "beat")
    begun = time.monotonic()
    load = crowd.cries(away, away)
    stage.play(away + 10, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    alarms = [at - begun for at, title in stage.gateways.alarms[known:]
              if "worker" in title]  # fmt: skip
    found = crowd.outcome("F06")
    found.notes |= {"away": f"{away}s",
                    "noticed_after": f"{min(alarms, default=-1):.1f}"}  # fmt: skip
    found.passed &= bool(alarms) and min(alarms) <= 30
    return found


def _database_is_back() -> bool:
    from config.embedded import postgres

    return postgres.answers()


def _flush() -> None:
    import redis

    from config import home

    try:
        with redis.Redis(unix_socket_path=str(home.valkey_socket())) as client:
            client.flushall()
    except redis.RedisError:
        return
