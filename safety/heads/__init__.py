"""Semantic heads: one small linear model a class over a sentence encoder.

They read wordings that no rule knows. A head raises attention; alone it never reaches
tier 3 and nobody outside is told because of it: a model's guess never calls a family.
Never keeps a text, and never answers "nothing" when a part of it is missing.
"""
