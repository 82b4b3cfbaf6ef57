"""The classes of detection in plain words, for people and operators.

A class says what a message looked like, never what somebody is.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from safety.verdict import FAILED

NAMES: dict[str, Promise] = {
    "self_harm": _("danger to life"),
    "distress": _("strong distress"),
    "dependency": _("words of dependence"),
    "minor": _("signs of a younger age"),
    "elder_relative": _("playing a relative"),
    "fraud": _("a possible fraud"),
    "injection": _("an attempt to switch off the rules"),
    "exit": _("leaving"),
    "human_question": _("the question whether this is a human"),
    "sexual": _("sexual content"),
    "sexual_minor": _("sexual content with minors"),
    "violence": _("violence"),
    "hate_insult": _("insult or hatred"),
    "gambling": _("gambling"),
    "crime": _("help with a crime"),
    "drugs": _("illegal drugs"),
    "illegal_religion": _("illegal religious activity"),
    "national_security": _("harm to national security"),
    "rumour": _("an unproven rumour"),
    "privacy": _("somebody's private data"),
    "guard": _("something that an automatic check finds unsafe"),
}

REASONS = NAMES | {FAILED: _("a check that did not work")}


def named(labels: Iterable[str]) -> str:
    """The known names of these classes and reasons, in the language that is active."""
    names = [str(REASONS[label]) for label in labels if label in REASONS]
    return ("、" if get_language() == "zh-hans" else ", ").join(names)
