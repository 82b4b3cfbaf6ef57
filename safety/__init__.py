"""Safety: the rules. Detection, gates, policy, fixed texts. Facts in, verdict out.

It never looks a person up and never sees a model's name.
"""
