"""What happens to a cry for help when things break.

    python bench/faults.py [--quick | --long] [--only F01,F05] [--json FILE]

A whole site of its own runs in a temporary folder: PostgreSQL, Valkey, Celery's workers
and beat, the watchdog, the web process; fake providers note each delivery with its key.
Seeds are fixed. A line for each play: `lost` was accepted and never reached a provider,
`dup` reached it again under the same key, `wrong` under another. Seconds are from the
commit to the provider. --quick ends within five minutes.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from crowd import Crowd, Outcome, somebody_on_duty
from gateways import Gateways
from plays import kills, points, providers, races, watched, web
from stage import Stage

PLAYS = {
    "F01": kills.f01,
    "F02": points.f02,
    "F03": kills.f03,
    "F04": races.f04,
    "F05": kills.f05,
    "F06": kills.f06,
    "F07": providers.f07,
    "F08": providers.f08,
    "F11": races.f11,
    "F14": watched.f14,
    "F15": races.f15,
    "F16": races.f16,
    "F17": web.f17,
    "F21": watched.f21,
}
QUICK = ("F01", "F02", "F03", "F05", "F06", "F15", "F17")


def main() -> int:
    given = parsed()
    found: list[Outcome] = []
    gateways = Gateways()
    begun = time.monotonic()
    with Stage(gateways) as stage:
        print(f"a site with {', '.join(stage.names)}, "
              f"up after {time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip
        somebody_on_duty()
        for name in given.plays:
            stage.reset()
            crowd = Crowd(gateways)
            outcome = PLAYS[name](stage, crowd, given.size)
            crowd.close_all()
            found.append(outcome)
            print(outcome.line(), flush=True)
    print(f"{time.monotonic() - begun:.0f} s")
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=1))
    return 0 if all(one.passed for one in found) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick")
    size.add_argument("--long", dest="size", action="store_const", const="long")
    parser.add_argument("--only", default="", help="plays, with commas between")
    parser.add_argument("--json", type=Path)
    parser.set_defaults(size="ci")
    given = parser.parse_args()
    named = [name for name in given.only.upper().split(",") if name]
    chosen = QUICK if given.size == "quick" else tuple(PLAYS)
    given.plays = named or [name for name in PLAYS if name in chosen]
    return given


if __name__ == "__main__":
    sys.exit(main())
