"""The rows of safety: what was seen, counted, blocked and disputed; incidents, duties
and notices. Ids, codes and times, never a word of a conversation and never a key to the
tables of people; addresses, names and notes stand here sealed.
"""

from safety.models.delivery import AckToken, Delivery, DeliveryAttempt, DeliveryState
from safety.models.drill import DrillReport
from safety.models.duty import Duty, DutyState, Heartbeat
from safety.models.incident import (
    Basis,
    Incident,
    IncidentKind,
    IncidentState,
    Measured,
    Routing,
    Severity,
    Signal,
)
from safety.models.people import (
    Channel,
    OfferState,
    OwnerKind,
    Presence,
    Route,
    RouteState,
    Shift,
    ShiftOffer,
    ShiftRole,
)
from safety.models.redress import Dispute, DisputeKind, DisputeState, ReadPurpose
from safety.models.state import (
    Activity,
    DependenceDay,
    DependenceLevel,
    Observation,
    ObservationState,
)
from safety.models.strikes import (
    Standing,
    Strike,
    StrikeState,
    Suspension,
    SuspensionState,
)
from safety.models.terms import Effect, Term, TermState

__all__ = [
    "AckToken",
    "Activity",
    "Basis",
    "Channel",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "DependenceDay",
    "DependenceLevel",
    "Dispute",
    "DisputeKind",
    "DisputeState",
    "DrillReport",
    "Duty",
    "DutyState",
    "Effect",
    "Heartbeat",
    "Incident",
    "IncidentKind",
    "IncidentState",
    "Measured",
    "Observation",
    "ObservationState",
    "OfferState",
    "OwnerKind",
    "Presence",
    "ReadPurpose",
    "Route",
    "RouteState",
    "Routing",
    "Severity",
    "Shift",
    "ShiftOffer",
    "ShiftRole",
    "Signal",
    "Standing",
    "Strike",
    "StrikeState",
    "Suspension",
    "SuspensionState",
    "Term",
    "TermState",
]
