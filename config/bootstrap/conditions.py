"""What the machine must have before anything is begun: each lack in one sentence."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from config import home
from config.failure import StartFailed

FIRST_START_BYTES = 4 * 1024**3
GIB = 1024**3
C_COMPILERS, CXX_COMPILERS = ("cc", "gcc", "clang"), ("c++", "g++", "clang++")


def check_system() -> None:
    if sys.platform not in {"linux", "darwin"}:
        raise StartFailed("Linux or macOS is needed; on Windows use WSL.")


def check_venv_module() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise StartFailed(
            "This Python cannot make virtual environments: ensurepip is missing. "
            f"On Debian or Ubuntu: apt-get install python{version}-venv"
        )


def check_disk(*places: Path, needed: int = FIRST_START_BYTES) -> None:
    """The first start unpacks some 4 GB: packages, the engine's source, the model."""
    for place in places:
        free = shutil.disk_usage(_existing(place)).free
        if free < needed:
            raise StartFailed(
                f"The first start needs {needed / GIB:.0f} GB of disk for {place}, and "
                f"{free / GIB:.1f} GB are free. Free some, or set COMPANION_HOME and "
                "COMPANION_CACHE to a larger disk."
            )


def _existing(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def check_compiler() -> None:
    """cmake and ninja come as packages where the machine has none; a compiler not."""
    named = os.environ.get("CC"), os.environ.get("CXX")
    wanted = [(named[0] and (named[0],)) or C_COMPILERS]
    wanted.append((named[1] and (named[1],)) or CXX_COMPILERS)
    if not all(any(map(shutil.which, names)) for names in wanted):
        raise StartFailed(
            "The engine is compiled on this machine, and there is no C++ compiler. "
            "On Debian or Ubuntu: apt-get install build-essential"
        )


def check_writable() -> None:
    if not os.access(home.BASE_DIR, os.W_OK):
        raise StartFailed(f"{home.BASE_DIR} is not writable for this account.")
