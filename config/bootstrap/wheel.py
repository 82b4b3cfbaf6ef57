"""The engine's wheel: llama-cpp-python compiled for this processor, kept in the cache.

Left out is what Python never loads (llava, llama-common): less than half of the
compiling remains. With it comes a module for OpenBLAS where the lock file has that for
this machine; the engine works without it, only slower with some models.
"""

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Generator
from pathlib import Path

from config import home
from config.bootstrap import conditions, tools, venv

SCRIPT = Path(__file__).with_name("engine.cmake")
TRIMMED = ["-DLLAVA_BUILD=OFF", "-DLLAMA_OPENSSL=OFF"]
UNITY = ["-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=12"]
FETCHES = 3
STEP = re.compile(r"\[(\d+)/(\d+)\]")


def locked_engine() -> str:
    """llama-cpp-python with its version and hash, as the lock file has it."""
    return _locked("llama-cpp-python")


def openblas() -> Path | None:
    """The folder of OpenBLAS in the environment; None on machines without it."""
    found = venv.FOLDER.glob("lib/python3*/site-packages/scipy_openblas32")
    return next(found, None)


def folder() -> Path:
    """A place for each engine version, Python, libc and kind of processor: the code
    is compiled for exactly this one."""
    python = platform.python_version_tuple()[:2]
    facts = [locked_engine(), *python, *platform.libc_ver()]
    facts += [platform.machine(), _processor(), *TRIMMED]
    facts += [_locked("scipy-openblas32"), SCRIPT.read_text()]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return home.cache() / "wheels" / digest[:16]


def cached() -> Path | None:
    return next(iter(folder().glob("llama_cpp_python-*.whl")), None)


def build() -> Generator[str, None, None]:
    """Compiles it, yielding how far it is; tries once more without the unity build,
    which upstream does not promise to keep working, and at last without OpenBLAS."""
    conditions.check_compiler()
    place = folder()
    half = place.with_name(f"{place.name}.part")
    shutil.rmtree(half, ignore_errors=True)
    (half / "tmp").mkdir(parents=True)
    if not (yield from _built(half)):
        raise tools.failure("engine", "The engine could not be compiled")
    shutil.rmtree(half / "tmp")
    shutil.rmtree(place, ignore_errors=True)
    half.rename(place)


def _built(half: Path) -> Generator[str, None, bool]:
    """A network that fails is asked again for the same, and costs no flag."""
    for extra in _ways():
        for _ in range(FETCHES):
            if (yield from _attempt(half, extra)):
                return True
            if STEP.search(tools.log("engine").read_text(errors="replace")):
                break
        else:
            return False
    return False


def _ways() -> list[list[str]]:
    """The flags to compile with, from the best to the safest."""
    if not (found := openblas()):
        return [UNITY, []]
    blas = f"-DCOMPANION_OPENBLAS={found}"
    return [[*UNITY, blas], [blas], []]


def _attempt(half: Path, extra: list[str]) -> Generator[str, None, bool]:
    tool = tools.Tool("engine", _command(half), os.environ | _flags(half, extra))
    try:
        while tool.running():
            yield _how_far(tool.last)
        return tool.succeeded()
    finally:
        tool.end()


def _command(half: Path) -> list[str]:
    wanted = half / "engine.txt"
    wanted.write_text(locked_engine())
    # pip's own cache of wheels knows neither the processor nor the flags.
    flags = ["--verbose", "--no-deps", "--no-cache-dir", "--require-hashes"]
    pip = [str(venv.PYTHON), "-m", "pip", "--disable-pip-version-check", "wheel"]
    return [*pip, *flags, "-w", str(half), "-r", str(wanted)]


def _flags(half: Path, extra: list[str]) -> dict[str, str]:
    given = os.environ.get("CMAKE_ARGS", "").split()
    include = f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={SCRIPT}"
    arguments = " ".join([*TRIMMED, include, *extra, *given])
    # What an attempt that was cut off leaves goes with the folder.
    return {"CMAKE_ARGS": arguments, "TMPDIR": str(half / "tmp")}


def _how_far(line: str) -> str:
    found = STEP.search(line)
    return f"compiling {found[1]} of {found[2]}" if found else "preparing"


def _locked(name: str) -> str:
    blocks = venv.locked(home.BASE_DIR / venv.ENGINE)
    return next(block for block in blocks if block.startswith(name))


def _processor() -> str:
    """What -march=native looks at."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    kinds = ("model name", "flags", "Features", "CPU part")
    return "\n".join(sorted({line for line in lines if line.startswith(kinds)}))
