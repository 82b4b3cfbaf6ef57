"""Compliance: what the provider owes. The obligations register and its reports."""
