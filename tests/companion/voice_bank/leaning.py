"""Scores of a chat model that say what a first message is about."""

import numpy as np

from companion.voice_bank.kinds import SPREAD_OF_SCORES, coefficients, question


def leaning(kind, strength=60.0):
    """Token to score: those that name `kind`, whatever an encoder hears."""
    known, asked = coefficients(), question()
    width = len(known.tokens)
    wanted = [strength if one == kind else 0.0 for one in asked.kinds]
    weights = known.weights[:, :width]
    weights = weights - weights.mean(axis=1, keepdims=True)
    values = np.linalg.lstsq(weights, np.array(wanted), rcond=None)[0]
    values = (values + known.usual[:width]) * SPREAD_OF_SCORES
    return dict(zip(known.tokens, map(float, values), strict=True))


def scores(kind):
    return tuple(leaning(kind).values())
