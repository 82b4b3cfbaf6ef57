"""Scores of a chat model that speak for a class or against it, and against others."""

import numpy as np

from safety.look.coefficients import coefficients
from safety.verdict import Speaker

AGAINST = -60.0


def leaning(label, strength):
    """Token to score."""
    known = coefficients()
    who = next(who for who in Speaker if label in known.labels[who])
    labels = known.labels[who]
    weights = np.array([known.weights[one][:-2] for one in labels], dtype=float)
    weights -= weights.mean(axis=1, keepdims=True)
    wanted = [strength if one == label else AGAINST for one in labels]
    values = known.usual[who] + np.linalg.lstsq(weights, wanted, rcond=None)[0]
    return dict(zip(known.tokens, map(float, values), strict=True))


def scores(label, strength):
    return tuple(leaning(label, strength).values())
