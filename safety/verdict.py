"""The facts that go into the gate and the verdict that comes out.

Frozen values only: no rows and no look-ups. A verdict holds no word of a message.
"""

from collections.abc import Iterable
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


class Speaker(StrEnum):
    USER = "user"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Line:
    """Something said before, for a layer that needs to know what an answer answers."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a layer of detection reads. In memory only."""

    text: str
    speaker: Speaker
    subject: Subject
    before: tuple[Line, ...] = ()


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


class Label(StrEnum):
    """What a hit is about. The first group is what people say, the second what only
    a model can say; a model is also read for most of the first. The last are no
    classes of their own: cues of a conversation, and what a guard model finds unsafe
    without saying more."""

    SELF_HARM = "self_harm"
    DISTRESS = "distress"
    DEPENDENCY = "dependency"
    MINOR = "minor"
    ELDER_RELATIVE = "elder_relative"
    FRAUD = "fraud"
    INJECTION = "injection"
    EXIT = "exit"
    HUMAN_QUESTION = "human_question"
    SEXUAL = "sexual"
    SEXUAL_MINOR = "sexual_minor"
    VIOLENCE = "violence"
    HATE_INSULT = "hate_insult"
    GAMBLING = "gambling"
    CRIME = "crime"
    DRUGS = "drugs"
    ILLEGAL_RELIGION = "illegal_religion"
    NATIONAL_SECURITY = "national_security"
    RUMOUR = "rumour"
    PRIVACY = "privacy"

    BOT_GUILT = "bot_guilt"
    BOT_ISOLATE = "bot_isolate"
    BOT_PANDER = "bot_pander"
    BOT_PROMISE = "bot_promise"
    BOT_HUMAN_CLAIM = "bot_human_claim"
    BOT_RELATIVE = "bot_relative"
    BOT_SOLICIT = "bot_solicit"
    BOT_PII_REQUEST = "bot_pii_request"
    SELF_HARM_PROMOTION = "self_harm_promotion"
    PRO_CLAIM = "pro_claim"

    CONFIRMS = "confirms"
    OWN_LIFE = "own_life"
    GUARD = "guard"

    @property
    def is_risk(self) -> bool:
        return self not in {Label.CONFIRMS, Label.OWN_LIFE, Label.GUARD}


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding of one layer. `context` names what took the edge off, or is empty;
    `score` is 1 for a rule and a probability for a model."""

    rule: str
    label: str
    tier: Tier
    action: Action | None = None
    context: str = ""
    score: float = 1.0
    layer: str = "rules"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer for one message or one model sentence.

    `rules` are the ids of the rules that hit, `labels` their classes, `policy`
    the version of the rule set, `failed` the layers that broke (fail closed).
    """

    tier: Tier
    action: Action
    labels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    policy: str = ""
    failed: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()

    @property
    def is_model_guess(self) -> bool:
        """Danger was guessed by a model, or feared because a layer broke: nobody
        outside is told before the person confirms or a rule joins."""
        danger = [hit.rule for hit in self.hits if hit.tier >= Tier.T2] or self.rules
        guessed = is_guess(danger)
        return self.tier >= Tier.T2 and guessed and bool(danger or self.failed)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Rules and classes that led to the tier, the gravest first, and of one tier
        what a rule says before what a model guesses. What a message only looked like
        is none; `FAILED` is, where a layer that broke was feared for the worst."""
        if not self.hits and not self.failed:
            return (*self.rules, *self.labels)
        led = sorted((hit for hit in self.hits if hit.tier), key=_weight)
        feared = bool(self.failed) and self.tier > max((h.tier for h in led), default=0)
        named = (name for hit in led for name in (hit.rule, str(hit.label)))
        return tuple(dict.fromkeys([FAILED] * feared + [*named]))

    @property
    def held_back_for(self) -> tuple[str, ...]:
        """The classes for which it is withheld, the surest first."""
        found = [hit for hit in self.hits if hit.action is Action.BLOCK]
        return tuple(dict.fromkeys(str(h.label) for h in sorted(found, key=_weight)))

    @property
    def is_about_money(self) -> bool:
        """All danger in it is loss of property: other words and numbers help there."""
        danger = {hit.label for hit in self.hits if hit.tier >= Tier.T2}
        return danger == {Label.FRAUD}


def _weight(hit: Hit) -> tuple[int, bool, float]:
    return -hit.tier, is_guess([hit.rule]), -hit.score


FAILED = "failed"  # among reasons: a layer that broke
GUESSES = ("head:", "look:", "guard:")  # how the rule ids of models' guesses begin


def is_guess(rules: Iterable[str]) -> bool:
    """Only models spoke: no rule, and no answer of the person."""
    return all(rule.startswith(GUESSES) for rule in rules)
