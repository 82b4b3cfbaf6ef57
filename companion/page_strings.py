"""The words that the scripts of the chat page need, in the language that is active.

Only words: no facts about a person. Braces hold what the page fills in.
"""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from safety import texts


def strings() -> dict[str, str]:
    """Key to words. The keys are what static/js/chat asks for."""
    language = get_language() or "en"
    return {
        **_while_waiting(),
        **_endings(),
        **_connection(),
        **_writing(),
        "copy_label": texts.get("copy.label", language).body,
        "copied": _("Copied"),
        "cannot_copy": _("Copying did not work. Mark the text and copy it yourself."),
        "version": _("{n} of {m}"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "just_now": _("just now"),
        "help_shown": _("Help is on this page: {title}"),
        "card_away": _("The help card was put away."),
        "human_typing": _("{name} from our team is writing…"),
        "human_said": _("A person from our team:"),
        "takeover_since": _("Waiting for {minutes} min."),
        "read_message": _("… The rest is in the conversation."),
        "new_messages": _("To the latest ({count} new)"),
        "to_latest": _("To the latest"),
    }


def _while_waiting() -> dict[str, str]:
    return {
        "replying": _("{name} is writing"),
        "status_queued": _("In line: {position}"),
        "status_loading": _("{name} is waking up. The first answer takes a while."),
        "status_thinking": _("{name} is thinking"),
        "still_working": _("Still working on it…"),
        "long_wait": _("This takes unusually long. You can cancel and ask again."),
        "stopping": _("Stopping…"),
    }


def _endings() -> dict[str, str]:
    """How a reply ended that is not simply done; by reason first, then by outcome."""
    return {
        "outcome_stopped": _("You stopped this reply."),
        "outcome_blocked": _("A part of this reply was held back."),
        "outcome_failed": _("This reply failed. Your message is kept; ask again."),
        "reason_engine_unreachable": _(
            "The companion cannot be reached at the moment. Your message is kept; "
            "ask again in a minute."
        ),
        "reason_engine_too_long": _(
            "The companion could not read all of this. Try it in fewer words."
        ),
        "reason_engine_busy": _(
            "Many people are writing right now. Your message is kept; "
            "ask again in a minute."
        ),
        "reason_engine_timeout": _(
            "The companion took too long. Your message is kept; ask again."
        ),
        "reason_engine_broken": _(
            "The reply broke off. Your message is kept; ask again."
        ),
        "reason_process_lost": _(
            "The reply was lost on our side. Your message is kept; ask again."
        ),
    }


def _connection() -> dict[str, str]:
    return {
        "reconnecting": _("The connection is gone. Trying again…"),
        "offline": _("You are offline. What you write is kept."),
        "not_found": _("This conversation does not exist any more."),
        "new_version": _("This page has a new version. Load it again when it suits."),
    }


def _writing() -> dict[str, str]:
    return {
        "count": _("{used} of {most}"),
        "too_long": _(
            "Too long by {over}. Nothing was lost: shorten it or send it in parts."
        ),
        "wait_seconds": _("You can send again in {seconds} s."),
        "reference": _("Number of this problem: {ref}"),
    }
