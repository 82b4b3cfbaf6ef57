"""The one exception of the start-up. Its text is for the person at the terminal:
what is wrong and what to do, in a sentence. Must not import Django."""


class StartFailed(Exception):
    """The start cannot go on; nothing half-made is left in the way of the next."""
