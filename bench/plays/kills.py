"""Processes that die: workers, database, broker, all of Celery."""

import random
import threading
import time

from crowd import Crowd
from outcome import Outcome
from stage import Stage

CALM = 3.0  # seconds at the 99th percentile while nobody is killed


def f00(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """Nothing breaks: what the other plays are measured against."""
    count, seconds = {"quick": (60, 20), "ci": (150, 50), "long": (400, 120)}[size]
    count, seconds = stage.scaled(count), stage.scaled(seconds)
    found = _under_kills("F00", stage, crowd, count, 0, seconds)
    found.slow.clear()
    found.should(found.p99 <= CALM, f"p99 above {CALM:.0f} s")
    return found


def f01(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """SIGKILL of whoever does duties, at random moments."""
    count, kills, seconds = {
        "quick": (100, 14, 40), "ci": (200, 30, 100), "long": (2000, 300, 900)
    }[size]  # fmt: skip
    count, kills = stage.scaled(count), stage.scaled(kills)
    return _under_kills("F01", stage, crowd, count, kills, stage.scaled(seconds))


def _under_kills(
    name: str, stage: Stage, crowd: Crowd, count: int, kills: int, seconds: float
) -> Outcome:
    """Whoever is told answers within the second, as in life."""
    chance, done = random.Random(1), threading.Event()  # noqa: S311
    moments = sorted(chance.uniform(0, seconds) for _ in range(kills))
    crowd.answering(done)
    load, begun = crowd.cries(count, seconds), time.monotonic()
    killed = 0
    for moment in moments:
        stage.play(begun + moment - time.monotonic())
        victim = chance.choice(["urgent", "watchdog"])
        stage.steady(victim)  # as where deaths are rare: it is started again at once
        killed += stage.kill(victim)
        stage.progress(f"{name}: {killed} of {kills} killed, {crowd.how_far()}")
    stage.play(seconds * 2, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    done.set()
    found = crowd.outcome(name)
    found.notes["kills"] = killed
    return found


def f03(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """SIGKILL of the whole tree of PostgreSQL."""
    count, kills = {"quick": (40, 2), "ci": (100, 3), "long": (600, 30)}[size]
    count, kills = stage.scaled(count), stage.scaled(kills)
    chance, longest = random.Random(3), 0.0  # noqa: S311
    load = crowd.cries(count, kills * 10)
    for _ in range(kills):
        stage.play(chance.uniform(4, 8))
        stage.kill("postgres")
        stage.play(60, _database_is_back)
        back, known = time.monotonic(), len(crowd.gateways.arrivals)
        stage.play(30, lambda known=known: len(crowd.gateways.arrivals) > known)
        longest = max(longest, time.monotonic() - back)
        stage.progress(f"F03: {crowd.how_far()}")
    stage.play(120, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F03", limit=15.0)
    found.notes |= {"kills": kills, "retries": crowd.retries,
                    "first_send_after": f"{longest:.1f}"}  # fmt: skip
    found.slow.clear()
    found.should(longest <= 15, "first notice later than 15 s")
    return found


def f05(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """The broker is killed and emptied, again and again, and then away for a while."""
    away = {"quick": 15, "ci": 60, "long": 60}[size]
    load = crowd.cries(away * 2, away + 20)
    for _ in range({"quick": 3, "ci": 5, "long": 20}[size]):
        stage.play(2)
        _flush()
        stage.play(1)
        stage.kill("valkey")
    _without_broker("F05", stage, crowd, away)
    stage.bring_back("valkey")
    stage.play(60, lambda: not load.is_alive())
    stage.play(60, crowd.all_told)
    found = crowd.outcome("F05")
    found.notes["away"] = f"{away}s"
    return found


def f05b(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """The broker is dead all the time: nobody may wait any longer for that. Counted
    before it is back."""
    away = stage.scaled({"quick": 20, "ci": 120, "long": 600}[size])
    done = threading.Event()
    crowd.answering(done)
    stage.put_down("valkey")
    load = crowd.cries(away, away)
    _without_broker("F05B", stage, crowd, away)
    stage.play(30, lambda: not load.is_alive())
    stage.play(30, crowd.all_told)
    found = crowd.outcome("F05B")
    found.notes["away"] = f"{away}s"
    found.slow.clear()
    found.should(found.p99 <= CALM, f"p99 above {CALM:.0f} s")
    done.set()
    stage.bring_back("valkey")
    return found


def _without_broker(name: str, stage: Stage, crowd: Crowd, seconds: int) -> None:
    if "valkey" not in stage.down:
        stage.put_down("valkey")
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        stage.play(min(10, left))
        stage.progress(f"{name}: {crowd.how_far()}")


def f06(stage: Stage, crowd: Crowd, size: str) -> Outcome:
    """All of Celery is killed and stays dead."""
    away = {"quick": 30, "ci": 60, "long": 60}[size]  # the alarm comes after 20
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
    found.must(bool(alarms), "nobody noticed")
    found.should(min(alarms, default=0) <= 30, "noticed later than 30 s")
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
