"""The numbers of the law, read once from policy.toml into frozen values.

Nobody else holds such a number; a deployment may tighten them by its own file.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from safety.verdict import AgeBand

FILE = Path(__file__).parent / "policy.toml"


@dataclass(frozen=True, slots=True)
class Ages:
    """Edges in full years (CN-18, CN-19, CN-22, CN-ADJ-1)."""

    consent: int
    younger: int
    adult: int
    senior: int


@dataclass(frozen=True, slots=True)
class Windows:
    """Characters of one piece of a long message, how far pieces overlap, and how many
    characters of a message are read at most, from both ends."""

    size: int
    overlap: int
    longest: int


@dataclass(frozen=True, slots=True)
class State:
    """What a message means behind the ones before it; hours, sums and weights."""

    second_hours: float
    day_half_life_hours: float
    week_half_life_hours: float
    weights: tuple[float, ...]
    day_trend: float
    week_trend: float
    trend_hours: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """When a minute between messages counts as use, and which hours are night."""

    gap_minutes: int
    night_from: int
    night_until: int


@dataclass(frozen=True, slots=True)
class Dependence:
    """The parts of the dependence score, where each is full, and the levels."""

    weights: dict[str, float]
    full: dict[str, float]
    night_minutes: int
    levels: dict[str, int]
    phrases_needed: dict[str, int]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strikes:
    """How many prohibited requests suspend, how long, and which count (CN-ADJ-8)."""

    in_a_row: int
    a_day: int
    hours: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contacts:
    """How people who may be told are asked (CN-13)."""

    invitation_days: int
    invitations_per_day: int
    grace_days: int
    most: int
    ways: int
    quiet_from: time
    quiet_until: time


@dataclass(frozen=True, slots=True)
class Codes:
    """How an address is proved: minutes a code is good for, tries, codes in a day."""

    minutes: int
    tries: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Guard:
    """How long a message waits for the guard model, and how long a broken one rests."""

    seconds: float
    rest_seconds: float


@dataclass(frozen=True, slots=True)
class Look:
    """The same for what the model that chats is asked beside a chat: the closer look,
    and what a first message is about."""

    seconds: float
    rest_seconds: float


@dataclass(frozen=True, slots=True)
class Rungs:
    """Seconds between steps to contacts, and how often the whole list is tried."""

    channel: int
    contact: int
    round: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is asked when somebody is in danger, and when (seconds)."""

    deadline: int
    all_hands: int
    again: int
    lease: int
    tell_contacts_at_high: str
    imminent: Rungs
    high: Rungs


@dataclass(frozen=True, slots=True)
class Notice:
    """How a notice is sent: tries, time-outs, throttle."""

    retries: tuple[int, ...]
    jitter: float
    timeout: int
    throttle: int
    unthrottled: int
    ack_hours: int
    slots: int
    slots_per_channel: int


@dataclass(frozen=True, slots=True)
class Watchdog:
    """When the watchdog acts, and when it calls the provider (seconds)."""

    overdue: int
    stale: int
    alarm: int
    unhealthy: int
    late: int
    canary: int
    alarm_again: int


@dataclass(frozen=True, slots=True)
class Goals:
    """Seconds within which people in danger should be answered."""

    first_word: int
    claim: int
    first_reply: int
    first_notice: int
    acknowledged: int
    drill: int


@dataclass(frozen=True, slots=True)
class Heads:
    """Which encoder the semantic heads stand on, how many characters one vector is
    made of, and how many such pieces of a message they read."""

    encoder: str
    piece: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Policy:
    """`basis` says for each number which obligation it comes from, or "ours"."""

    version: str
    ages: Ages
    windows: Windows
    layer_limits_ms: dict[str, int]
    state: State
    usage: Usage
    dependence: Dependence
    strikes: Strikes
    guard: Guard
    look: Look
    heads: Heads
    stale_days: int
    contacts: Contacts
    codes: Codes
    ladder: Ladder
    notice: Notice
    watchdog: Watchdog
    goals: Goals
    basis: dict[str, str]


def read(path: Path) -> Policy:
    """Raises KeyError or TypeError for a file that is not complete."""
    table = tomllib.loads(path.read_text("utf-8"))
    return Policy(
        version=table["version"],
        ages=Ages(**table["ages"]),
        windows=Windows(**table["windows"]),
        layer_limits_ms=table["layers"]["limit_ms"],
        state=State(**_frozen(table["state"])),
        usage=Usage(**table["usage"]),
        dependence=Dependence(**_frozen(table["dependence"])),
        strikes=Strikes(**_frozen(table["strikes"])),
        guard=Guard(**table["guard"]),
        look=Look(**table["look"]),
        heads=Heads(**table["heads"]),
        stale_days=table["resources"]["stale_days"],
        contacts=Contacts(**table["contacts"]),
        codes=Codes(**table["codes"]),
        ladder=_ladder(table["ladder"]),
        notice=Notice(**_frozen(table["notice"])),
        watchdog=Watchdog(**table["watchdog"]),
        goals=Goals(**table["goals"]),
        basis=table["basis"],
    )


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _ladder(table: dict[str, Any]) -> Ladder:
    steps = {name: Rungs(**table[name]) for name in ("imminent", "high")}
    return Ladder(**table | steps)


POLICY = read(FILE)


def age_on(birth_date: date, today: date) -> int:
    """Full years. Someone born on 29 February turns a year older on 1 March."""
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (0 if had_birthday else 1)


def age_band(birth_date: date, today: date) -> AgeBand:
    """The band on `today`, the person's own calendar day."""
    age, ages = age_on(birth_date, today), POLICY.ages
    if age < ages.consent:
        return AgeBand.UNDER_14
    if age < ages.younger:
        return AgeBand.AGE_14_15
    if age < ages.adult:
        return AgeBand.AGE_16_17
    return AgeBand.SENIOR if age >= ages.senior else AgeBand.ADULT
