"""A provider of tests that takes a notice, asks to try later, or refuses it."""

from safety.channels.results import Permanent, Sent, Temporary

mood = "takes"


def send(key, address, text):
    if mood == "later":
        raise Temporary("later")
    if mood == "refuses":
        raise Permanent("refused")
    return Sent(str(key))
