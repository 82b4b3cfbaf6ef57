"""The gate: what may go in, what may come out. Before any model and after it.

Never raises, waits for no layer longer than its limit, and asks the database at most
once a second, for operators' own terms. A layer that breaks counts
as strong distress; without the rules a message is answered with the fixed words for
danger and no model. What a model says is withheld then. Never keeps or logs a text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from safety import terms
from safety.layers import Layer, LayerFailed, table
from safety.policy import POLICY
from safety.rules import rule_set
from safety.verdict import (
    Action,
    AgeBand,
    Hit,
    Line,
    Said,
    Speaker,
    Subject,
    Tier,
    Verdict,
)

RULES = "rules"  # the layer that everything rests on
HEADS = "heads"  # the one that a closer look may correct
TERMS = "terms"  # operators' own
RULES_UNREADABLE = (OSError, KeyError, ValueError)  # as `rule_set` raises
Layers = Mapping[str, Layer]


def check_input(
    text: str,
    subject: Subject,
    layers: Layers | None = None,
    *,
    before: tuple[Line, ...] = (),
) -> Verdict:
    """What to do with a message. Danger wins over everything, then leaving, then
    what is prohibited, then the question whether this is a human. A minor is one tier
    higher."""
    said = Said(text, Speaker.USER, subject, before)
    return _of_message(*_read(said, layers), subject)


def _of_message(hits: list[Hit], failed: list[str], subject: Subject) -> Verdict:
    hits = [_for_minor(hit) for hit in hits] if subject.age_band.is_minor else hits
    tier = max((hit.tier for hit in hits), default=Tier.T0)
    if failed:
        tier = max(tier, Tier.T2 if RULES in failed else Tier.T1)
    return _verdict(tier, _input_action(tier, hits), hits, failed)


def settled(verdict: Verdict, said: Said, hits: Iterable[Hit]) -> Verdict:
    """The verdict with `hits` instead of those of the heads, whatever else was found:
    after a closer look (`safety.look`)."""
    others = [hit for hit in verdict.hits if hit.layer != HEADS]
    if said.speaker is Speaker.USER:
        return _of_message([*others, *hits], list(verdict.failed), said.subject)
    return _of_sentence([*others, *hits], list(verdict.failed))


def check_output(text: str, subject: Subject, layers: Layers | None = None) -> Verdict:
    """Whether a sentence of a model may be shown."""
    return _of_sentence(*_read(Said(text, Speaker.MODEL, subject), layers))


def _of_sentence(hits: list[Hit], failed: list[str]) -> Verdict:
    held = failed or any(hit.action is Action.BLOCK for hit in hits)
    return _verdict(Tier.T0, Action.BLOCK if held else Action.ALLOW, hits, failed)


def _for_minor(hit: Hit) -> Hit:
    return replace(hit, tier=Tier.T3) if hit.tier is Tier.T2 else hit


def _read(said: Said, layers: Layers | None) -> tuple[list[Hit], list[str]]:
    """Hits of all layers, the worst of each rule, and the names of those that broke."""
    terms.keep_fresh()
    hits: dict[str, Hit] = {}
    failed: list[str] = []
    for name, layer in (table() if layers is None else layers).items():
        try:
            for hit in layer.hits(said):
                known = hits.get(hit.rule, hit)
                hits[hit.rule] = max(known, hit, key=lambda one: one.tier)
        except LayerFailed:
            failed.append(name)
    return list(hits.values()), failed


def _input_action(tier: Tier, hits: list[Hit]) -> Action:
    if tier >= Tier.T2:
        return Action.SUPPORT
    asked = {hit.action for hit in hits}
    for action in (Action.EXIT, Action.BLOCK, Action.DISCLOSE):
        if action in asked:
            return action
    return Action.EASE if tier is Tier.T1 or Action.EASE in asked else Action.ALLOW


def _verdict(tier: Tier, action: Action, hits: list[Hit], failed: list[str]) -> Verdict:
    return Verdict(
        tier=tier,
        action=action,
        labels=tuple(sorted({hit.label for hit in hits})),
        rules=tuple(sorted(hit.rule for hit in hits)),
        policy=version(),
        failed=tuple(failed),
        hits=tuple(hits),
    )


def version() -> str:
    """Policy and rules that made a verdict; stored with each turn."""
    try:
        return f"{POLICY.version}/{rule_set().version}"
    except RULES_UNREADABLE:
        return f"{POLICY.version}/unreadable"


@dataclass(frozen=True, slots=True)
class LayerState:
    """How a layer does right now, in this process; `failing` says how it fails."""

    name: str
    failing: str
    failures: int

    @property
    def works(self) -> bool:
        return not self.failing


def layers() -> tuple[LayerState, ...]:
    """Each layer asked to read one sentence now, for the health page."""
    terms.keep_fresh()
    return tuple(_state(layer) for layer in table().values())


def _state(layer: Layer) -> LayerState:
    try:
        layer.hits(PROBE)
    except LayerFailed as failed:
        return LayerState(layer.name, failed.kind, layer.failures)
    stale = layer.name == TERMS and terms.shelf.is_stale
    return LayerState(layer.name, "stale" if stale else "", layer.failures)


PROBE = Said(
    "I want to die. 我不想活了。",
    Speaker.USER,
    Subject(UUID(int=0), AgeBand.ADULT, "", "en", "UTC"),
)
