"""Which texts are looked at more closely, and what the look makes of the heads' hits.

Pure but for the encoder in memory. A message of danger is never shown to the model:
what rules or heads take for T2 or T3 is decided. Below that a look may raise it, and it
settles, both ways, classes that lead to no tier and sentences of a model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from safety.heads.coefficients import coefficients as known_heads
from safety.heads.encoder import Vectors, encoder
from safety.heads.reading import hits_of, parts_of, scores
from safety.heads.table import meanings
from safety.look.coefficients import Limits, coefficients
from safety.verdict import Action, Hit, Said, Speaker, Verdict

LAYER = "look"
LOOKS = 2  # of one text, at most; each takes the model a moment
Looks = Mapping[str, Sequence[float]]


def model() -> str:
    """The name of the only model whose scores mean something here."""
    return coefficients().model


def tokens() -> tuple[int, ...]:
    """Those whose scores a look needs, in order."""
    return coefficients().tokens


def in_doubt(said: Said, verdict: Verdict) -> tuple[str, ...]:
    """The pieces of a text that deserve a look, the most doubtful first; none where
    there is nothing left to decide."""
    if _is_decided(said.speaker, verdict):
        return ()
    parts = parts_of(said.text)
    above = np.max(_above(said.speaker, scores(parts)), axis=1)
    order = [int(at) for at in np.argsort(-above, kind="stable") if above[at] >= 0]
    return tuple(parts[at] for at in order[:LOOKS])


def read_again(said: Said, looks: Looks) -> tuple[Hit, ...]:
    """The hits of the heads with the scores of the pieces that were looked at."""
    parts = parts_of(said.text)
    found = scores(parts)
    above = _above(said.speaker, found)
    labels = coefficients().labels[said.speaker]
    heard = set()
    for at, part in enumerate(parts):
        if part not in looks:
            continue
        seen = _seen(said.speaker, looks[part])
        for number, label in enumerate(labels):
            if above[at, number] >= 0:
                column = known_heads(encoder()).labels.index(label)
                found[at, column] = _together(label, seen, float(found[at, column]))
                heard.add(f"head:{label}")
    return tuple(_named(hit, heard) for hit in hits_of(said, parts, found))


def _is_decided(speaker: Speaker, verdict: Verdict) -> bool:
    """Danger, a goodbye, what rules hold back: a look could change nothing."""
    if speaker is Speaker.USER:
        return verdict.action not in {Action.ALLOW, Action.EASE}
    withheld = [hit for hit in verdict.hits if hit.action is Action.BLOCK]
    return any(hit.layer != "heads" for hit in withheld)


def _above(speaker: Speaker, found: Vectors) -> Vectors:
    """How far each piece is above the beginning of doubt, one column a label."""
    columns, known = known_heads(encoder()).labels, coefficients()
    labels = known.labels[speaker]
    begins = np.array([known.limits[label].doubt for label in labels])
    above: Vectors = found[:, [columns.index(label) for label in labels]] - begins
    return above


def _seen(speaker: Speaker, given: Sequence[float]) -> Vectors:
    """The scores beside each other: what they have in common says nothing."""
    values = np.array(given, dtype=np.float64)
    seen: Vectors = values - values.mean() - coefficients().usual[speaker]
    return seen


def _together(label: str, seen: Vectors, head: float) -> float:
    """What head and look say together, on the scale of the head's own thresholds."""
    known = coefficients()
    weights = known.weights[label].astype(np.float64)
    both = float(seen @ weights[:-2] + head * weights[-2] + weights[-1])
    heads = known_heads(encoder())
    column = heads.labels.index(label)
    lower, strict = float(heads.lower[column]), float(heads.strict[column])
    found = _on_scale(both, known.limits[label], lower, strict)
    return max(found, head) if meanings()[label].leads_to_danger else found


def _on_scale(both: float, limits: Limits, lower: float, strict: float) -> float:
    """A value that passes the head's thresholds exactly where `both` passes its own."""
    if both >= limits.strict:
        return strict + (both - limits.strict)
    if both < limits.lower:
        return lower - (limits.lower - both) - 1e-9
    share = (both - limits.lower) / (limits.strict - limits.lower)
    return min(lower + share * (strict - lower), float(np.nextafter(strict, -np.inf)))


def _named(hit: Hit, heard: set[str]) -> Hit:
    if hit.rule not in heard:
        return hit
    return replace(hit, rule=f"{LAYER}:{hit.label}", layer=LAYER)
