"""Becomes another program: as another account if told so, in a session of its own,
and with a signal that the kernel sends when the parent dies.

Run by its path (`python -I -S shim.py`), so that it starts in milliseconds and needs
no package. Must never outlive a parent that is gone already.
"""

import ctypes
import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace

PR_SET_PDEATHSIG = 1  # prctl(2)
NOT_FOUND = 127


def arguments() -> Namespace:
    parser = ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("command", nargs=REMAINDER)
    return parser.parse_args()


def drop(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.environ["HOME"] = "/"
    os.chdir("/")


def die_with(parent: int, number: int) -> None:
    """After the change of account, which clears the request. Linux only; elsewhere
    the next start ends what an earlier one left."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # died before the request was made
        sys.exit(NOT_FOUND)


def main() -> None:
    given = arguments()
    os.setsid()  # Ctrl-C reaches the supervisor alone
    if given.uid is not None:
        drop(given.uid, given.gid)
    die_with(given.parent, given.signal)
    try:
        os.execv(given.command[0], given.command)  # noqa: S606 - the point of it
    except OSError as error:
        sys.stderr.write(f"{given.command[0]}: {error.strerror}\n")
        sys.exit(NOT_FOUND)


if __name__ == "__main__":
    main()
