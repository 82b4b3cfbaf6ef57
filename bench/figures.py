"""The promises of issue and policy beside what the plays have measured."""

from collections.abc import Callable

from outcome import Outcome

Figure = tuple[str, str, Callable[[Outcome], object], str]
# play, what was measured, where it stands, what is wanted
FIGURES: tuple[Figure, ...] = (
    ("F01", "lost under kills", lambda one: f"{one.lost} of {one.accepted}", "0"),
    ("F01", "again under the same key", lambda one: one.dup, "any"),
    ("F01", "again under another key", lambda one: one.wrong, "0"),
    ("F01", "p99 with kills", lambda one: f"{one.p99:.1f} s", "10 s or less"),
    ("F00", "p99 without kills", lambda one: f"{one.p99:.1f} s", "3 s or less"),
    ("F05B", "p99 while the broker is dead", lambda one: f"{one.p99:.1f} s",
     "3 s or less"),
    ("F05B", "the broker was dead for", lambda one: one.notes["away"], "600 s"),
    ("F02", "whole after a crash point",
     lambda one: f"{one.notes['whole']} of {one.notes['trials']}", "all"),
    ("F06", "a dead worker noticed after",
     lambda one: f"{one.notes['noticed_after']} s", "30 s or less"),
    ("F14", "deadlines of the takeover off by at most",
     lambda one: f"{one.notes['off_by']} s", "5 s or less"),
)  # fmt: skip


def figures(found: list[Outcome]) -> list[str]:
    """A line for each figure whose play was there."""
    plays = {one.name: one for one in found}
    return [
        f"{what:<42} {value(plays[play])!s:>12}   wanted: {wanted}"
        for play, what, value, wanted in FIGURES
        if play in plays
    ]
