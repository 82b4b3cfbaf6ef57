"""Guardians: rights over a ward. Never shows chat text."""
