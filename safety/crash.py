"""Points at which a test may stop the process, to see what is left.

Nothing happens unless the environment names a point when the process starts:
`SAFETY_CRASH=duty.claimed:3` kills at the third time that this point is passed,
`SAFETY_CRASH=duty.claimed:3:STOP` only makes it stand still.
"""

import os
import signal
from itertools import count

_name, _hit, _how = [*os.environ.get("SAFETY_CRASH", "").split(":"), "", ""][:3]
_passed = count(1)


def point(name: str) -> None:
    if name == _name and next(_passed) == int(_hit or 1):
        os.kill(os.getpid(), signal.Signals[f"SIG{_how or 'KILL'}"])
