"""The rows of safety: what was seen, counted, blocked and disputed. Ids, codes and
times only, never a word of anybody and never a key to the tables of people.
"""

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

__all__ = [
    "Activity",
    "DependenceDay",
    "DependenceLevel",
    "Dispute",
    "DisputeKind",
    "DisputeState",
    "Observation",
    "ObservationState",
    "ReadPurpose",
    "Standing",
    "Strike",
    "StrikeState",
    "Suspension",
    "SuspensionState",
]
