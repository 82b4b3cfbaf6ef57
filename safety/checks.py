"""What must hold before anybody may chat: texts, rules and numbers are complete.

An error stops the start; a number that nobody has looked at for long only warns.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from safety import notices, resources, texts
from safety.look.coefficients import coefficients
from safety.policy import POLICY
from safety.rules import Rule, detect, rule_set


def read_all() -> None:
    """Raises what is wrong with a file."""
    rule_set()
    texts.all_texts()
    notices.all_templates()
    resources.all_resources("en")


@register()
def fixed_texts(**kwargs: Any) -> list[CheckMessage]:
    try:
        known = texts.all_texts()
    except (KeyError, ValueError) as broken:
        return [Error(f"safety/texts.toml is not complete: {broken}", id="safety.E001")]
    return [
        Error(f"{words.id} says nothing in {words.language}", id="safety.E001")
        for words in known.values()
        if not words.body
    ]


@register()
def closer_look(**kwargs: Any) -> list[CheckMessage]:
    """A look that is broken is none: nobody's message waits for it, but it is said."""
    try:
        coefficients()
    except (OSError, KeyError, ValueError) as broken:
        return [Error(f"safety/look is not whole: {broken}", id="safety.E006")]
    return []


@register()
def rules_hold(**kwargs: Any) -> list[CheckMessage]:
    """Every rule finds its own hits and passes its own misses."""
    try:
        rules = rule_set().rules
    except Exception as broken:
        return [Error(f"the rule files are not readable: {broken}", id="safety.E002")]
    return [
        Error(f"rule {rule.id}: {complaint}", id="safety.E003")
        for rule in rules
        for complaint in _complaints(rule)
    ]


def _complaints(rule: Rule) -> Sequence[str]:
    missed = [text for text in rule.hits if not _found(rule, text)]
    wrong = [text for text in rule.misses if _found(rule, text)]
    return [f"misses “{text}”" for text in missed] + [
        f"hits “{text}”" for text in wrong
    ]


def _found(rule: Rule, text: str) -> bool:
    band = next(iter(sorted(rule.ages)))
    return any(not h.context for h in detect(text, rule_set().only(rule), band))


@register()
def numbers_are_fresh(today: date | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Wrong help lines are worse than none: each is looked at twice a year."""
    oldest = (today or date.today()) - timedelta(days=POLICY.stale_days)  # noqa: DTZ011
    return [
        Warning(
            f"{one.id} was last verified on {one.verified_on}",
            hint="Read its source again and put today's date into resources.toml.",
            id="safety.W001",
        )
        for one in resources.all_resources("en")
        if one.verified_on < oldest
    ]


@register(Tags.database)
def what_is_committed_stays(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Accepted means committed: a database that may forget a commit holds no duty.
    Asked whenever the schema is brought up to date, so at each start."""
    return [
        Error(
            f"{name} is off in the database {alias}",
            hint="A power cut would lose what people were told is on its way.",
            id="safety.E004",
        )
        for alias in databases or ()
        for name in _forgetful(alias)
    ]


def _forgetful(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "select name from pg_settings where setting = 'off' and name in"
            " ('fsync', 'synchronous_commit', 'full_page_writes') order by name"
        )
        return [name for (name,) in cursor.fetchall()]
