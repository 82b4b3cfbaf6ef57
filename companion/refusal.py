"""What chat and console answer when they will not do something: a code and words.

Every refusal is typed; none repeats what the person wrote.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Promise] = {
    "frame_unreadable": _("The page sent something that could not be read."),
    "frame_too_large": _("That is too much at once. Please send it in parts."),
    "message_empty": _("There is nothing to send yet."),
    "message_too_long": _(
        "This message is longer than 4,000 characters. Nothing was lost: "
        "shorten it or send it in parts."
    ),
    "message_unreadable": _(
        "This message holds characters that cannot be shown. Please remove them."
    ),
    "turn_busy": _("Your companion is still answering. This will be sent next."),
    "rate_limited": _("That was a lot at once. Please wait a moment."),
    "gate_closed": _("One step is missing before you can chat."),
    "conversation_closed": _("This conversation is closed. You can start a new one."),
    "suspended": _(
        "For now nothing is passed on to your companion. Until when, and how to say "
        "that this is wrong, stands in the settings under “What was decided”. Help "
        "is always open."
    ),
    "not_found": _("This conversation does not exist."),
    "session_expired": _("You are signed out. Please sign in again."),
    "cannot_retry": _("This message cannot be answered again."),
    "nobody_to_decline": _("Nobody from our team is here or on the way."),
    "nobody_to_ask": _("This is closed. You can write, or use the numbers."),
    "case_taken": _("Somebody else has this case by now."),
    "case_not_yours": _("This case is not with you. Nothing was sent or changed."),
    "person_not_there": _(
        "You are not in this conversation: the person declined, left, or was not "
        "asked yet. Nothing was sent."
    ),
    "contact_not_told": _(
        "This contact cannot be told by you now: written to once already, or no "
        "address."
    ),
    "not_lower": _("A danger can only be judged to be smaller here."),
    "reason_missing": _("Say in a few words why."),
    "engine_away": _("This engine does not answer. Nothing was changed."),
    "engine_fixed": _("This server cannot change its model. Nothing was changed."),
    "model_unknown": _("There is no such model. Nothing was changed."),
    "switch_under_way": _(
        "This engine is being given another model already. Nothing was changed."
    ),
    "unavailable": _("Something on our side is not working. Please try again."),
}


class Refused(Exception):
    """It will not be done. `retry_after`: seconds, 0 when waiting won't help."""

    def __init__(self, code: str, *, retry_after: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after

    @property
    def words(self) -> str:
        """In the language that is active."""
        return str(WORDS[self.code])
