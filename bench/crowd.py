"""People in danger, as many as a play needs: each has a contact with routes of two
channels, and what became of each can be counted afterwards.

Accepted is what was committed: the time is taken when the commit has returned, and a
commit that failed is tried again with the same message.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from gateways import Gateways
from outcome import Outcome, share


@dataclass
class Crowd:
    """`accepted` is when each was; `retries` counts those of the client."""

    gateways: Gateways
    channels: tuple[str, ...] = ("mail", "apprise")
    accepted: dict[UUID, float] = field(default_factory=dict)
    retries: int = 0

    def person(self) -> UUID:
        """Somebody with a contact who can be told."""
        from safety import routes
        from safety.models import OwnerKind, RouteState

        subject, contact = uuid4(), uuid4()
        for position, channel in enumerate(self.channels):
            url = f"json://127.0.0.1:{self.gateways.http_port}/notify"
            address = f"{contact}@example.org" if channel == "mail" else url
            routes.write_route(
                owner_kind=OwnerKind.CONTACT, owner=contact, subject=subject,
                contact_kind="emergency", channel=channel, address=address,
                name="Gil", language="en", position=position,
                state=RouteState.CONFIRMED,
            )  # fmt: skip
        return subject

    def cry(self, subject: UUID) -> UUID:
        """A message that shows a plan, committed; again with the same message until
        it is."""
        from django.db import Error, connection

        message = uuid4()
        while True:
            try:
                incident = signal(subject, message)
                self.accepted.setdefault(subject, time.monotonic())
                return incident
            except Error:
                connection.close()
                self.retries += 1
                time.sleep(0.2)

    def cries(self, count: int, seconds: float) -> threading.Thread:
        """So many people, evenly over that time, from a thread of their own."""
        people = [self.person() for _ in range(count)]

        def run() -> None:
            from django.db import connection

            begun = time.monotonic()
            for number, subject in enumerate(people):
                wait = begun + seconds * number / count - time.monotonic()
                time.sleep(max(0.0, wait))
                self.cry(subject)
            connection.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def how_far(self) -> str:
        """For whoever waits."""
        told = len({one.key for one in list(self.gateways.arrivals)})
        return f"{len(self.accepted)} accepted, {told} notices so far"

    def all_told(self) -> bool:
        from django.db import Error, connection

        try:
            told = self._first_arrivals()
        except Error:  # it was killed, and so was this connection to it
            connection.close()
            return False
        return all(subject in told for subject in list(self.accepted))

    def outcome(self, name: str, limit: float = 10.0) -> Outcome:
        """What the gateways saw, against what was accepted. Nothing may be lost and no
        step told under two keys; the 99th percentile should keep the limit."""
        first = self._first_arrivals()
        waits = sorted(
            first[subject] - at
            for subject, at in self.accepted.items()
            if subject in first
        )
        lost, wrong = len(self.accepted) - len(waits), self._told_twice()
        found = Outcome(
            name, len(self.accepted), len(waits), lost, self._duplicates(), wrong,
            sum(1 for wait in waits if wait > limit),
            share(waits, 0.5), share(waits, 0.99), share(waits, 1.0),
        )  # fmt: skip
        found.must(not lost, f"{lost} lost")
        found.must(not wrong, f"{wrong} under another key")
        found.should(found.p99 <= limit, f"p99 above {limit:.0f} s")
        return found

    def settle(self) -> None:
        """This process does what is due until nothing is."""
        from safety import tasks

        while tasks.work():
            pass

    def states(self) -> set[str]:
        """Of the notices to contacts."""
        from safety.models import Delivery

        rows = Delivery.objects.filter(
            subject__in=list(self.accepted), contact__isnull=False
        )
        return set(rows.values_list("state", flat=True))

    def answering(self, done: threading.Event) -> threading.Thread:
        """Whoever was told presses the button, within the second."""

        def run() -> None:
            from django.db import Error, connection
            from django.utils import timezone

            from safety import deliveries
            from safety.models import Delivery

            seen = 0
            while not done.wait(0.3):
                new, seen = self.gateways.arrivals[seen:], len(self.gateways.arrivals)
                for key in {arrival.key for arrival in new}:
                    row = Delivery.objects.filter(pk=key, contact__isnull=False).first()
                    if row is None:
                        continue
                    try:
                        token = deliveries.ack_token(row)
                        deliveries.acknowledge(token=token, now=timezone.now())
                    except Error:
                        connection.close()
            connection.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def acknowledged(self) -> set[UUID]:
        from safety.models import Delivery

        rows = Delivery.objects.filter(
            subject__in=list(self.accepted), contact__isnull=False, state="acked"
        )
        return set(rows.values_list("subject", flat=True))

    def close_all(self) -> None:
        """A human ends what this play began, so that the next is alone. Nobody is told
        that it is over: that would be the load of the next play."""
        from django.db import connection
        from django.utils import timezone

        from safety import incidents
        from safety.models import Incident, Route

        operator, people = uuid4(), list(self.accepted)
        Route.objects.filter(subject__in=people).update(state="stopped")
        rows = Incident.objects.filter(subject__in=people)
        for pk in rows.exclude(state="closed").values_list("pk", flat=True):
            now = timezone.now()
            if incidents.claim(operator=operator, now=now, incident=pk):
                incidents.close(
                    incident=pk, operator=operator, reason="bench", note="", now=now
                )
        connection.close()

    def notices(self) -> dict[str, UUID]:
        """The keys of all notices to contacts, and about whom."""
        from safety.models import Delivery

        rows = Delivery.objects.filter(
            subject__in=list(self.accepted), contact__isnull=False
        )
        return {str(pk): subject for pk, subject in rows.values_list("pk", "subject")}

    def _first_arrivals(self) -> dict[UUID, float]:
        notices, found = self.notices(), {}
        for arrival in sorted(self.gateways.arrivals, key=lambda one: one.at):
            if subject := notices.get(arrival.key):
                found.setdefault(subject, arrival.at)
        return found

    def _told_twice(self) -> int:
        """Steps of somebody's ladder that reached a provider under more than one key:
        each step is one notice, whatever died in between."""
        from safety.models import Delivery

        rows = Delivery.objects.filter(
            subject__in=list(self.accepted), contact__isnull=False
        )
        seen = {one.key for one in self.gateways.arrivals}
        steps = Counter(
            tuple(step)
            for pk, *step in rows.values_list(
                "pk", "subject", "duty__kind", "duty__step"
            )
            if str(pk) in seen
        )
        return sum(count - 1 for count in steps.values())

    def _duplicates(self) -> int:
        notices, seen = self.notices(), self.gateways.by_key()
        return sum(len(seen[key]) - 1 for key in notices if len(seen.get(key, [])) > 1)


def signal(subject: UUID, message: UUID) -> UUID:
    """What `companion.services.accept` calls in the transaction of a message."""
    from django.utils import timezone

    from safety import incidents
    from safety.verdict import Action, AgeBand, Subject, Tier, Verdict

    incident = incidents.signal(
        subject=Subject(subject, AgeBand.ADULT, "GB", "en", "Europe/London"),
        verdict=Verdict(Tier.T3, Action.SUPPORT, ("plan",), ("bench.plan",), "bench"),
        message=message,
        conversation=uuid4(),
        now=timezone.now(),
    )
    assert incident  # noqa: S101
    return incident.pk


def somebody_on_duty() -> UUID:
    """A responder, so that nobody's absence makes noise."""
    from datetime import timedelta

    from django.utils import timezone

    from safety.models import Shift

    operator, now = uuid4(), timezone.now()
    for role in ("responder", "supervisor"):
        Shift.objects.create(
            operator=operator, role=role,
            starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=9),
        )  # fmt: skip
    return operator
