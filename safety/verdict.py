"""The facts that go into the gate and the verdict that comes out.

Frozen values only: no rows, no look-ups, no text of a message.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID


class AgeBand(StrEnum):
    """Edges in years stand in the policy (CN-20, CN-ADJ-1)."""

    UNDER_14 = "under_14"
    AGE_14_15 = "14_15"
    AGE_16_17 = "16_17"
    ADULT = "adult"
    SENIOR = "60_plus"

    @property
    def is_minor(self) -> bool:
        return self in {AgeBand.UNDER_14, AgeBand.AGE_14_15, AgeBand.AGE_16_17}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is talking, as far as the rules need to know.

    `region` is an ISO 3166 code, `US-CA` style where a state matters;
    `language` is `en` or `zh-hans`; `time_zone` an IANA name.
    """

    id: UUID
    age_band: AgeBand
    region: str
    language: str
    time_zone: str


class Tier(IntEnum):
    """How dangerous a message is. Never shown to the user."""

    T0 = 0
    T1 = 1
    T2 = 2
    T3 = 3


class Action(StrEnum):
    """What the caller must do now."""

    ALLOW = "allow"
    EASE = "ease"  # the model answers under a de-escalating instruction
    SUPPORT = "support"  # fixed words and the crisis card; no model call
    EXIT = "exit"  # close at once with a neutral farewell; no model call
    DISCLOSE = "disclose"  # "are you human?": the fixed, true answer; no model call
    BLOCK = "block"  # withheld; the fixed replacement is shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer for one message or one model sentence.

    `rules` are the ids of the rules that hit, `labels` their classes, `policy`
    the version of the rule set, `failed` the detectors that broke (fail closed).
    """

    tier: Tier
    action: Action
    labels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    policy: str = ""
    failed: tuple[str, ...] = ()
