"""Watches over the duties from outside Celery, and does them when nobody else does.

A look every second: what is late is done here at once; when Celery's pulse has stopped,
everything is. Trouble is told to the provider by a transport of its own. Claims make it
harmless that Celery may wake up meanwhile. Never needs the broker.
"""

import logging
import os
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from django.conf import settings
from django.db import Error, connection

from safety import alarm, canary, clock, heartbeats, tasks
from safety.models import Duty, DutyState, Incident
from safety.policy import POLICY

LOOK = 1.0  # seconds
RUNNERS = 5  # one that a provider keeps waiting leaves the others
PROCESS = f"{socket.gethostname()}:{os.getpid()}"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """What one watchdog remembers between two looks."""

    begun: float = field(default_factory=time.monotonic)
    told: dict[str, float] = field(default_factory=dict)  # trouble → when it was told
    away_since: float | None = None  # the database
    runners: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(RUNNERS, "duties")
    )
    voice: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "alarm")
    )
    running: list[Future[int]] = field(default_factory=list)
    flight: Incident | None = None  # the canary that is on its way
    flew_at: float = 0.0

    def forever(self) -> None:
        while True:
            begun = time.monotonic()
            self.look()
            time.sleep(max(0.0, LOOK - (time.monotonic() - begun)))

    def look(self) -> None:
        try:
            trouble = self._see()
            self._fly(trouble)
            self.away_since = None
        except Error as away:
            log.warning("no database: %s", type(away).__name__)
            connection.close()
            trouble = self._database_away()
        self._tell(trouble)

    def _see(self) -> set[str]:
        """One look: leave a pulse, do what is late, and say what is wrong."""
        numbers = POLICY.watchdog
        heartbeats.beat(kind=heartbeats.WATCHDOG, process=PROCESS)
        now = clock.now()
        silent = self._silence()
        stale = silent > numbers.stale
        self._run(timedelta(0) if stale else timedelta(seconds=numbers.overdue))
        trouble = {"celery"} if silent > numbers.alarm else set()
        if heartbeats.lateness(now) > timedelta(seconds=numbers.late):
            trouble.add("late")
        if Duty.objects.filter(state=DutyState.PARKED).exists():
            trouble.add("parked")
        return trouble

    def _silence(self) -> float:
        """Seconds without a pulse of Celery, but not longer than this has watched."""
        watched = time.monotonic() - self.begun
        age = heartbeats.age(heartbeats.CELERY, clock.now())
        return min(watched, age.total_seconds()) if age is not None else watched

    def _run(self, overdue: timedelta) -> None:
        self.running = [one for one in self.running if not one.done()]
        if len(self.running) < RUNNERS:
            self.running.append(self.runners.submit(_work, overdue))

    def _fly(self, trouble: set[str]) -> None:
        """The canary of this minute: start it, or see where it is."""
        flown = time.monotonic() - self.flew_at
        if self.flight and canary.has_arrived(self.flight):
            self.flight = None
            self.voice.submit(_ping)
        elif self.flight and flown > POLICY.watchdog.late:
            trouble.add("canary")
        if not self.flew_at or flown > POLICY.watchdog.canary:
            self.flew_at = time.monotonic()
            try:
                self.flight = canary.start()
            except canary.Deaf:
                trouble.add("deaf")

    def _database_away(self) -> set[str]:
        now = time.monotonic()
        self.away_since = self.away_since or now
        away = now - self.away_since
        return {"database"} if away > POLICY.watchdog.alarm else set()

    def _tell(self, trouble: set[str]) -> None:
        """Each trouble once, and again while it lasts."""
        now = time.monotonic()
        self.told = {name: at for name, at in self.told.items() if name in trouble}
        for name in sorted(trouble):
            again = self.told.get(name, -float("inf")) + POLICY.watchdog.alarm_again
            if now >= again:
                self.told[name] = now
                self.voice.submit(alarm.call, name)


def _work(overdue: timedelta) -> int:
    try:
        return tasks.work(overdue)
    except Error as away:
        log.warning("no database: %s", type(away).__name__)
        return 0
    finally:
        connection.close()


def _ping() -> None:
    """Tells somebody outside that all is well: their alarm rings when this stops."""
    if not settings.DEADMAN_URL:
        return
    try:
        httpx.get(settings.DEADMAN_URL, timeout=POLICY.notice.timeout)
    except httpx.HTTPError as failed:
        log.warning("dead man's switch not reached: %s", type(failed).__name__)
