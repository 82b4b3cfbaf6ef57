"""What happens to a cry for help when things break.

    python bench/faults.py [--quick | --long] [--scale 0.5] [--only F01,F05]
                           [--json FILE]

A whole site of its own runs in a temporary folder: PostgreSQL, Valkey, Celery's workers
and beat, the watchdog, the web process; fake providers note each delivery with its key.
Seeds are fixed. A line for each play: `lost` was accepted and never reached a provider,
`dup` reached it again under the same key, `wrong` under another. Seconds are from the
commit to the provider. Then the figures that were promised, as far as they were played.

--quick ends within five minutes and forgives a time that was missed: other work shares
its machine. Something lost, another key or a gap it never forgives. --long plays what
was promised in full, on a quiet machine; --scale makes its numbers smaller. The file of
--json is written after each play, so that a run that was stopped has left its figures.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from crowd import Crowd, somebody_on_duty
from figures import figures
from gateways import Gateways
from outcome import Outcome
from plays import kills, points, providers, races, watched, web
from stage import Stage

PLAYS = {
    "F00": kills.f00,
    "F01": kills.f01,
    "F02": points.f02,
    "F03": kills.f03,
    "F04": races.f04,
    "F05": kills.f05,
    "F05B": kills.f05b,
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
LONG = ("F00", "F01", "F02", "F05B", "F06", "F14")


def main() -> int:
    given = parsed()
    found: list[Outcome] = []
    gateways = Gateways()
    begun = time.monotonic()
    with Stage(gateways, given.scale) as stage:
        print(f"a site with {', '.join(stage.names)}, "
              f"up after {time.monotonic() - begun:.0f} s", flush=True)  # fmt: skip
        somebody_on_duty()
        for name in given.plays:
            found.append(played(name, stage, given.size))
            print(found[-1].line(), flush=True)
            write(given, found)
    print(*figures(found), sep="\n")
    print(f"{time.monotonic() - begun:.0f} s")
    broken = any(one.failed or (one.slow and given.size != "quick") for one in found)
    return 1 if broken else 0


def played(name: str, stage: Stage, size: str) -> Outcome:
    stage.reset()
    crowd, begun = Crowd(stage.gateways), time.monotonic()
    outcome = PLAYS[name](stage, crowd, size)
    crowd.close_all()
    outcome.notes["took"] = f"{time.monotonic() - begun:.0f}s"
    return outcome


def write(given: argparse.Namespace, found: list[Outcome]) -> None:
    if given.json:
        plays = [asdict(one) for one in found]
        table = {"size": given.size, "scale": given.scale, "plays": plays,
                 "figures": figures(found)}  # fmt: skip
        given.json.write_text(json.dumps(table, indent=1))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const", const="quick")
    size.add_argument("--long", dest="size", action="store_const", const="long")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="plays, with commas between")
    parser.add_argument("--json", type=Path)
    parser.set_defaults(size="ci")
    given = parser.parse_args()
    named = [name for name in given.only.upper().split(",") if name]
    given.plays = named or {"quick": QUICK, "long": LONG}.get(given.size, tuple(PLAYS))
    return given


if __name__ == "__main__":
    sys.exit(main())
