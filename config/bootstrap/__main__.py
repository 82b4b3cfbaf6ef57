"""Entry of `make run` and `make test`. Kept readable for an older Python, so that it
can say which one it wants."""

import sys
import types
from pathlib import Path

WANTED = (3, 11)

if sys.version_info < WANTED:
    sys.exit(
        "Python %d.%d or newer is needed; this is %d.%d. Name another one: "  # noqa: UP031
        "make run PYTHON=/path/to/python3" % (WANTED + sys.version_info[:2])
    )

# The package's own __init__ needs Celery, which is not installed yet: a stand-in lets
# the start-up be imported without it.
stand_in = types.ModuleType("config")
stand_in.__path__ = [str(Path(__file__).resolve().parents[1])]
sys.modules["config"] = stand_in

from config.bootstrap import steps  # noqa: E402
from config.failure import StartFailed  # noqa: E402

if __name__ == "__main__":
    try:
        steps.main(sys.argv[1:])
    except StartFailed as failed:
        sys.exit(f"\n{failed}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The next start goes on from here.")
