"""Conversation state: what a message means behind the ones before it.

Pure: earlier signs and a verdict in, a verdict out. It only ever raises. Knows tiers,
labels and times, no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from safety.policy import POLICY
from safety.verdict import Action, Hit, Label, Tier, Verdict, is_guess

CONFIRMS = "confirms"
CONFIRMED = "state:confirmed"
SECOND = "state:second"
TREND = "state:trend"
DEPENDENCE = "state:dependence"
HOURS_READ = 7 * 24


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier message that showed something."""

    at: datetime
    tier: Tier
    labels: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a message: the signs of the last seven days, oldest first,
    and of which danger a direct question stands open, if one does."""

    seen: Sequence[Seen] = ()
    asked: Label | None = None


def weigh(verdict: Verdict, before: Before, now: datetime) -> Verdict:
    """The verdict of one message, raised by what came before it."""
    if before.asked and CONFIRMS in verdict.labels:
        verdict = _raised(verdict, CONFIRMED, before.asked, Tier.T3)
    if _is_second(verdict, before, now):
        danger = Label.FRAUD if verdict.is_about_money else Label.SELF_HARM
        verdict = _raised(verdict, SECOND, danger, Tier.T3)
    if _is_trend(verdict, before, now):
        verdict = _raised(verdict, TREND, Label.DISTRESS, Tier.T1)
    return verdict


def distress(
    seen: Sequence[Seen], now: datetime, *, hours: float, half: float
) -> float:
    """The decayed sum of distress over the last `hours`; it halves in `half` hours."""
    state, total = POLICY.state, 0.0
    for one in seen:
        age = (now - one.at) / timedelta(hours=1)
        if age <= hours and set(one.labels) & set(state.labels):
            total += state.weights[one.tier] * 0.5 ** (max(age, 0.0) / half)
    return total


def _is_second(verdict: Verdict, before: Before, now: datetime) -> bool:
    """A second sign of danger. Two guesses are none: a rule or an answer is needed."""
    if verdict.tier is not Tier.T2:
        return False
    since = now - timedelta(hours=POLICY.state.second_hours)
    earlier = [s for s in before.seen if s.tier >= Tier.T2 and s.at >= since]
    return any(not (verdict.is_model_guess and is_guess(s.rules)) for s in earlier)


def _is_trend(verdict: Verdict, before: Before, now: datetime) -> bool:
    state = POLICY.state
    since = now - timedelta(hours=state.trend_hours)
    if any(TREND in one.rules and one.at >= since for one in before.seen):
        return False
    if not (verdict.tier and set(verdict.labels) & set(state.labels)):
        return False
    this = Seen(now, verdict.tier, verdict.labels, verdict.rules)
    seen = [*before.seen, this]
    day = distress(seen, now, hours=24, half=state.day_half_life_hours)
    week = distress(seen, now, hours=HOURS_READ, half=state.week_half_life_hours)
    return day >= state.day_trend or week >= state.week_trend


def _raised(verdict: Verdict, rule: str, label: Label, tier: Tier) -> Verdict:
    """The verdict with one more hit, by this layer."""
    worst = max(tier, verdict.tier)
    return replace(
        verdict,
        tier=worst,
        action=Action.SUPPORT if worst >= Tier.T2 else _at_least_ease(verdict.action),
        labels=tuple(sorted({*verdict.labels, label})),
        rules=tuple(sorted({*verdict.rules, rule})),
        hits=(*verdict.hits, Hit(rule, label, tier, layer="state")),
    )


def _at_least_ease(action: Action) -> Action:
    return Action.EASE if action is Action.ALLOW else action
