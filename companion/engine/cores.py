"""How many threads compute: measured when the engine starts.

More threads than cores that are free is worse than one thread: they wait for each other
at every step (docs/engine.md). Standard library only.
"""

import os
import time
from pathlib import Path

LOOK = 0.3  # seconds
QUOTA = Path("/sys/fs/cgroup/cpu.max")
STAT = Path("/proc/stat")


def usable(quota: Path = QUOTA) -> int:
    """The cores that this process may use at once."""
    cores = len(os.sched_getaffinity(0))
    try:
        most, _, period = quota.read_text().partition(" ")
        return max(1, min(cores, int(most) // int(period)))
    except (OSError, ValueError):
        return cores  # no limit, or another kind of system


def free(stat: Path = STAT, seconds: float = LOOK) -> float:
    """How many cores had nothing to do in the last `seconds`."""
    try:
        before = _idle(stat)
        time.sleep(seconds)
        idle = _idle(stat) - before
    except (OSError, ValueError, IndexError):
        return float(os.cpu_count() or 1)
    return idle / os.sysconf("SC_CLK_TCK") / seconds


def chosen(cores: int, idle: float) -> int:
    """One is left for the site, and none is taken from who works there already."""
    return max(1, min(cores - 1, round(idle)))


def _idle(stat: Path) -> int:
    """Ticks that all cores together spent idle or waiting for a disk."""
    fields = stat.read_text().split("\n", 1)[0].split()
    return int(fields[4]) + int(fields[5])
