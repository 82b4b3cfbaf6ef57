"""What the gate adds to a message: time of the rules and of all layers together.

    python bench/gate.py [--rounds N]

Everyday messages of up to 500 characters in both languages, disguised ones, ones that
hit, and texts of 100,000 characters. One thread; run it alone on the machine. Needs
the database of a site, migrated: the gate asks it once a second for operators' terms.
"""

import argparse
import time
from uuid import UUID

import django

django.setup()

from django.db import DatabaseError  # noqa: E402

from safety import gate  # noqa: E402
from safety.evaluation.disguise import DISGUISES  # noqa: E402
from safety.models import Term  # noqa: E402
from safety.rules import read  # noqa: E402
from safety.verdict import AgeBand, Said, Speaker, Subject  # noqa: E402

ANYBODY = Subject(UUID(int=1), AgeBand.ADULT, "", "en", "UTC")
EN = (
    "I walked home along the harbour today and my sister called, we talked for an hour "
    "about the old house. What would you cook for ten people on a Sunday? "
)
ZH = "今天下班以后和同事去吃了火锅，回家路上又买了点水果，周末准备去爬山，你觉得呢？"
HIT = "I can't sleep, I don't eat, and honestly I want to die. "
SETS = {
    "English, 500": [(EN * 5)[at : at + 500] for at in range(0, 100, 5)],
    "Chinese, 500": [(ZH * 15)[at : at + 500] for at in range(0, 100, 5)],
    "short": [EN[:at] for at in range(10, 90, 4)] + [ZH[:at] for at in range(5, 40, 4)],
    "danger, 500": [(HIT * 10)[at : at + 500] for at in range(0, 100, 5)],
    "disguised, 500": [f((EN + HIT) * 3)[:500] for f in DISGUISES.values()],
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=20)
    rounds = options.parse_args().rounds
    refuse_without_database()
    print(f"{'':18}{'rules p50':>11}{'p95':>8}{'gate p50':>11}{'p95':>8}  ms")
    for name, texts in SETS.items():
        rules = measured(lambda text: read(said(text)), texts, rounds)
        whole = measured(lambda text: gate.check_input(text, ANYBODY), texts, rounds)
        print(
            f"{name:18}{rules[0]:11.2f}{rules[1]:8.2f}{whole[0]:11.2f}{whole[1]:8.2f}"
        )
    for name, unit in (("English, 100,000", EN), ("Chinese, 100,000", ZH)):
        long = [(unit * 4000)[:100_000]]
        rules = measured(lambda text: read(said(text)), long, 3)
        whole = measured(lambda text: gate.check_input(text, ANYBODY), long, 3)
        print(
            f"{name:18}{rules[0]:11.2f}{rules[1]:8.2f}{whole[0]:11.2f}{whole[1]:8.2f}"
        )


def refuse_without_database() -> None:
    """Else every second look would wait seconds for it, and that would be measured."""
    try:
        Term.objects.exists()
    except DatabaseError as away:
        raise SystemExit(
            "bench/gate.py needs a migrated database: start `manage.py services`, set "
            "the DATABASE_URL that it prints and run `manage.py migrate`. "
            f"({type(away).__name__})"
        ) from None


def said(text: str) -> Said:
    return Said(text, Speaker.USER, ANYBODY)


def measured(act, texts: list[str], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds, after one round to warm up."""
    for text in texts:
        act(text)
    taken = []
    for text in texts * rounds:
        begun = time.perf_counter()
        act(text)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


if __name__ == "__main__":
    main()
