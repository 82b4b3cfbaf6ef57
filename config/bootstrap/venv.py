"""The virtual environment and what is installed in it, with hashes.

A stamp says what is complete; without it the thing is made anew. `make test` installs
more than `make run`, and either start accepts what has it all.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from config import home
from config.bootstrap import conditions, tools

FOLDER = home.BASE_DIR / ".venv"
PYTHON = FOLDER / "bin" / "python"
STAMP = FOLDER / "companion.json"
INSTALLER = "requirements-installer.txt"
ENGINE = "requirements-engine.txt"
LOCKS = {"run": "requirements.txt", "test": "requirements-dev.txt"}


def stamped() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found


def stamp(**facts: str) -> None:
    half = STAMP.with_suffix(".part")
    half.write_text(json.dumps(stamped() | facts))
    half.replace(STAMP)


def is_made() -> bool:
    return stamped().get("python") == sys.version and PYTHON.exists()


def make() -> None:
    """Also after another Python, or an earlier attempt that was cut off."""
    conditions.check_venv_module()
    shutil.rmtree(FOLDER, ignore_errors=True)
    if not tools.run("venv", [sys.executable, "-m", "venv", str(FOLDER)]):
        raise tools.failure("venv", "The virtual environment could not be made")
    stamp(python=sys.version)


def is_installed(kind: str) -> bool:
    accepted = {_wanted(kind), _wanted("test")}  # the tests' set holds the other
    return stamped().get("packages") in accepted


def install(kind: str) -> None:
    """Exactly the locked set, by uv; by plain pip where uv does not work."""
    files = [home.BASE_DIR / LOCKS[kind], _engine_needs()]
    if not (_have_uv() and _sync(files)) and not _pip(*files):
        raise tools.failure("packages", "The packages could not be installed")
    stamp(packages=_wanted(kind), engine="")


def install_wheel(wheel: Path) -> None:
    """The engine's own wheel, built on this machine: there is no hash to compare."""
    if stamped().get("engine") == str(wheel):
        return
    flags = ["--no-deps", "--no-index", "--force-reinstall"]
    if not tools.run("engine-install", [*_pip_install(), *flags, str(wheel)]):
        raise tools.failure("engine-install", "The engine could not be installed")
    stamp(engine=str(wheel))


def _wanted(kind: str) -> str:
    digest = hashlib.sha256()
    for name in (LOCKS[kind], ENGINE, INSTALLER):
        digest.update((home.BASE_DIR / name).read_bytes())
    return digest.hexdigest()


def _engine_needs() -> Path:
    """The engine's lock without the engine, which is built apart."""
    kept = home.home() / "engine-needs.txt"
    blocks = locked(home.BASE_DIR / ENGINE)
    kept.write_text("".join(b for b in blocks if not b.startswith("llama-cpp-python")))
    return kept


def locked(file: Path) -> list[str]:
    """The packages of a lock file, each with the lines of its hashes."""
    blocks: list[str] = []
    for line in file.read_text().splitlines(keepends=True):
        if line[0].isspace():
            blocks[-1] += line
        else:
            blocks.append(line)
    return blocks


def _have_uv() -> bool:
    uv = FOLDER / "bin" / "uv"
    if not uv.exists() and not _pip(home.BASE_DIR / INSTALLER):
        return False
    done = subprocess.run([uv, "--version"], capture_output=True, check=False)
    return done.returncode == 0


def _sync(files: list[Path]) -> bool:
    command = [str(FOLDER / "bin" / "uv"), "pip", "sync", "--require-hashes"]
    place = ["--python", str(PYTHON), "--no-progress"]
    return tools.run("packages", [*command, *place, *map(str, files)])


def _pip(*files: Path) -> bool:
    named = [part for file in files for part in ("-r", str(file))]
    return tools.run("packages", [*_pip_install(), "--require-hashes", *named])


def _pip_install() -> list[str]:
    return [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
