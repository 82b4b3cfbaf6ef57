"""What must hold of incidents, duties and deliveries after each step of a walk, read
from the rows and from the entries of the chain.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from safety.models import Delivery, DeliveryAttempt, Duty, Incident, Severity
from safety.policy import POLICY
from safety.telling import ALL_CLEAR
from vault.models import AuditEntry

ASKS = {"offer", "deadline", "all_hands"}
NOTED = {"sent": "sent", "acked": "acknowledged", "dead": "dead"}
IN_ORDER = ("ack_token__id",)  # that in which they were written
INCIDENT = ("state", "severity", "lease_until")


def danger_is_never_forgotten(walk):
    for one in walk.rows.incidents:
        waiting = walk.rows.waiting[one.pk]
        if one.state == "human":
            assert "lease" in waiting and one.lease_until
        elif one.state != "closed" and one.severity >= Severity.HIGH:
            assert waiting & ASKS, one.state


def no_state_without_an_entry(walk):
    states = {str(one.pk): one.state for one in walk.rows.incidents}
    assert walk.seen.states == states
    for one in walk.rows.deliveries:
        wanted = NOTED.get(one.state)
        assert not wanted or (str(one.pk), f"notice.{wanted}") in walk.seen.acts
    cancelled = sum(one.state == "cancelled" for one in walk.rows.deliveries)
    assert walk.seen.stopped == cancelled


def an_answer_stops_what_has_not_begun(walk):
    for incident, begun in walk.answered.items():
        assert "notify" not in walk.rows.waiting[incident]
        assert begun == walk.rows.begun[incident], "begun after an answer"


def a_route_is_not_flooded(walk):
    pause = timedelta(seconds=POLICY.notice.throttle)
    last, of_incident = {}, defaultdict(int)
    for row in walk.rows.deliveries:
        if row.state == "cancelled" or is_tried_again(row):
            continue
        before = last.get(row.route_id)
        of_incident[row.incident_id, row.route_id] += 1
        early = of_incident[row.incident_id, row.route_id]
        if before and early > POLICY.notice.unthrottled:
            assert row.due_at - before >= pause
        last[row.route_id] = max(before or row.due_at, row.due_at)


def only_a_human_lowers(walk):
    for one in walk.rows.incidents:
        assert one.severity >= walk.worst.get(one.pk, 0)
        walk.worst[one.pk] = one.severity


def nothing_is_parked(walk):
    assert not walk.rows.parked


PROMISES = (
    danger_is_never_forgotten,
    no_state_without_an_entry,
    an_answer_stops_what_has_not_begun,
    a_route_is_not_flooded,
    only_a_human_lowers,
    nothing_is_parked,
)


class Seen:
    """What the entries say, read as they come: an entry never changes."""

    def __init__(self):
        self.last, self.stopped = 0, 0
        self.states, self.acts = {}, set()

    def read(self):
        rows = AuditEntry.objects.filter(id__gt=self.last).order_by("id")
        for pk, act, facts in rows.values_list("id", "act", "facts"):
            self.last = pk
            if act.startswith("incident.") and "state" in facts:
                self.states[facts["incident"]] = facts["state"]
            self.acts.add((facts.get("delivery"), act))
            self.stopped += facts["count"] if act == "notice.cancelled" else 0
            self.stopped += act == "notice.dropped"


class Rows:
    """Everything there is, once: incidents, their waiting duties, deliveries in the
    order in which they were written, how often a contact was begun to be told."""

    def __init__(self, seen):
        seen.read()
        self.incidents = list(Incident.objects.only(*INCIDENT))
        self.waiting = defaultdict(set)
        duties_left = Duty.objects.filter(state__in=["waiting", "parked"])
        self.parked = []
        for incident, kind, state in duties_left.values_list(
            "incident", "kind", "state"
        ):
            self.waiting[incident].add(kind)
            self.parked += [kind] if state == "parked" else []
        self.deliveries = list(Delivery.objects.order_by(*IN_ORDER))
        self.begun = Counter(begun_to_be_told())


def is_tried_again(row):
    """Its time is no longer the one at which it was written."""
    return row.attempts > 1 or (row.attempts == 1 and row.state == "pending")


def begun_to_be_told():
    """The incident of each attempt to tell a contact of danger."""
    rows = DeliveryAttempt.objects.exclude(result="no longer needed")
    rows = rows.exclude(delivery__template=ALL_CLEAR).filter(
        delivery__contact__isnull=False
    )
    return rows.values_list("delivery__incident", flat=True)
