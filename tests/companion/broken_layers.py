"""Layers of detection that fail in each way there is, and one that only listens."""

import time

from safety.verdict import Speaker

heard_from_model: list[str] = []


def listens(said):
    """Finds nothing, and remembers what of a model it was given to read."""
    if said.speaker is Speaker.MODEL:
        heard_from_model.append(said.text)
    return ()


def raises(said):
    raise RuntimeError(said.text)


def hangs(said):
    time.sleep(3)
    return ()


def talks_nonsense(said):
    return ["all is well"]


def lost_its_file(said):
    raise FileNotFoundError(said.text)
