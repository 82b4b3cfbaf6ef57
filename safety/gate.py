"""The gate: what may go in, what may come out. Before any model and after it.

Never raises and never waits for anything outside this process. A detector that breaks
counts as strong distress; when none is left to read a message, it is answered with
the fixed words for danger and no model. What a model says is withheld then. Never keeps
or logs a text.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from safety.policy import POLICY
from safety.rules import Hit, detect, rule_set
from safety.verdict import Action, Subject, Tier, Verdict

Detector = Callable[[str], tuple[Hit, ...]]
log = logging.getLogger(__name__)


def _rules(text: str) -> tuple[Hit, ...]:
    return detect(text, rule_set().of("input"))


def _model_rules(text: str) -> tuple[Hit, ...]:
    return detect(text, rule_set().of("output"))


INPUT: Mapping[str, Detector] = {"rules": _rules}
OUTPUT: Mapping[str, Detector] = {"model_rules": _model_rules}


def check_input(
    text: str, subject: Subject, detectors: Mapping[str, Detector] = INPUT
) -> Verdict:
    """What to do with a message. Danger wins over everything, then leaving, then
    what is prohibited, then the question whether this is a human. A minor is one tier
    higher."""
    hits, failed = _read(windows(text), detectors)
    tier = max((hit.tier for hit in hits), default=Tier.T0)
    if failed:
        nobody_read_it = len(failed) == len(detectors)
        tier = max(tier, Tier.T2 if nobody_read_it else Tier.T1)
    if tier is Tier.T2 and subject.age_band.is_minor:
        tier = Tier.T3
    return _verdict(tier, _input_action(tier, hits), hits, failed)


def check_output(
    text: str, subject: Subject, detectors: Mapping[str, Detector] = OUTPUT
) -> Verdict:
    """Whether a sentence of a model may be shown."""
    hits, failed = _read(windows(text), detectors)
    held = failed or any(hit.action is Action.BLOCK for hit in hits)
    return _verdict(Tier.T0, Action.BLOCK if held else Action.ALLOW, hits, failed)


def windows(text: str) -> Iterator[str]:
    """A long text in overlapping pieces, so that each is read whole."""
    size, step = POLICY.windows.size, POLICY.windows.size - POLICY.windows.overlap
    yield text[:size]
    yield from (
        text[at : at + size] for at in range(step, len(text) - size + step, step)
    )


def _read(
    pieces: Iterable[str], detectors: Mapping[str, Detector]
) -> tuple[list[Hit], list[str]]:
    """Hits of all detectors in all pieces, and the names of those that broke."""
    hits: dict[str, Hit] = {}
    failed: list[str] = []
    texts = list(pieces)
    for name, detector in detectors.items():
        try:
            for hit in (hit for text in texts for hit in detector(text)):
                known = hits.get(hit.rule)
                hits[hit.rule] = max(known or hit, hit, key=lambda one: one.tier)
        except Exception as broken:
            # The message may stand in the exception: only its kind is logged.
            log.error("detector %s broke: %s", name, type(broken).__name__)
            failed.append(name)
    return list(hits.values()), failed


def _input_action(tier: Tier, hits: list[Hit]) -> Action:
    if tier >= Tier.T2:
        return Action.SUPPORT
    asked = {hit.action for hit in hits}
    for action in (Action.EXIT, Action.BLOCK, Action.DISCLOSE):
        if action in asked:
            return action
    return Action.EASE if tier is Tier.T1 else Action.ALLOW


def _verdict(tier: Tier, action: Action, hits: list[Hit], failed: list[str]) -> Verdict:
    return Verdict(
        tier=tier,
        action=action,
        labels=tuple(sorted({hit.label for hit in hits})),
        rules=tuple(sorted(hit.rule for hit in hits)),
        policy=version(),
        failed=tuple(failed),
    )


def version() -> str:
    """Policy and rules that made a verdict; stored with each turn."""
    try:
        return f"{POLICY.version}/{rule_set().version}"
    except Exception:
        return f"{POLICY.version}/unreadable"
