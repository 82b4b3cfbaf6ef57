"""How much a person seems to depend on a companion: a score from what can be counted.

Minutes, nights, days and phrases, each with a weight of the policy (CN-11). Explained
to the person in one sentence, and never a number that anybody is to raise.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from safety.activity import at_night, used
from safety.models import DependenceLevel
from safety.policy import POLICY

DAYS_READ = 14
WEEK = 7
LEVELS = list(DependenceLevel)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted: minutes of today and a day on average of the last seven, nights
    of these seven, days of the last fourteen, phrases of the last seven days."""

    minutes_today: int
    minutes_a_day: int
    nights: int
    days: int
    phrases: int


@dataclass(frozen=True, slots=True)
class Dependence:
    level: DependenceLevel
    score: int
    facts: Facts

    @property
    def is_told(self) -> bool:
        """From this level on the person is reminded that this is an AI (CN-30)."""
        return is_told(self.level)


def facts(days: dict[date, list[int]], today: date, phrases: int) -> Facts:
    """`days` are the minutes in which the person wrote, by local day."""
    use = {day: used(minutes) for day, minutes in days.items()}
    week = [use.get(today - timedelta(days=back), set()) for back in range(WEEK)]
    fortnight = [today - timedelta(days=back) for back in range(DAYS_READ)]
    enough = POLICY.dependence.night_minutes
    return Facts(
        minutes_today=len(week[0]),
        minutes_a_day=sum(map(len, week)) // WEEK,
        nights=sum(1 for minutes in week if at_night(minutes) >= enough),
        days=sum(1 for day in fortnight if use.get(day)),
        phrases=phrases,
    )


def assess(found: Facts) -> Dependence:
    """Score and level. Use alone, however long, never reaches the highest level."""
    shares = _shares(found)
    weights = POLICY.dependence.weights
    score = round(sum(weights[part] * share for part, share in shares.items()))
    return Dependence(_level(score, found.phrases), score, found)


def is_told(level: str) -> bool:
    return rank(level) >= rank(DependenceLevel.WARN)


def rank(level: str) -> int:
    return LEVELS.index(DependenceLevel(level))


def explained(found: Facts) -> str:
    """One sentence for the person, in the language that is active."""
    use = _(
        "In the last 7 days you were here about %(minutes_a_day)d minutes a day and "
        "late at night %(nights)d times; you came on %(days)d of the last 14 days."
    )
    phrases = _(
        "In the last 7 days you were here about %(minutes_a_day)d minutes a day and "
        "late at night %(nights)d times; you came on %(days)d of the last 14 days, and "
        "%(phrases)d times you wrote that you can hardly be without the companion."
    )
    return (phrases if found.phrases else use) % asdict(found)


def _shares(found: Facts) -> dict[str, float]:
    """Each part between 0 and 1."""
    numbers, full = asdict(found), POLICY.dependence.full
    part = {name: min(numbers[name] / most, 1.0) for name, most in full.items()}
    minutes = max(part.pop("minutes_today"), part.pop("minutes_a_day"))
    return part | {"minutes": minutes}


def _level(score: int, phrases: int) -> DependenceLevel:
    rules = POLICY.dependence
    for level in reversed(LEVELS[1:]):
        enough = phrases >= rules.phrases_needed.get(level.value, 0)
        if score >= rules.levels[level.value] and enough:
            return level
    return DependenceLevel.NONE


def as_facts(numbers: dict[str, int]) -> Facts:
    return Facts(**{name: int(numbers[name]) for name in Facts.__slots__})
