"""Everything that continuous integration runs: `python -m tests.run` (or `make test`).

Stands on a PostgreSQL and a Valkey of its own in a temporary folder. Every step runs
even when one before it failed; the last lines are a table of all of them.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config import home
from config.embedded.privileges import shim

ROOT = home.BASE_DIR
APPS = ["config", "compliance", "guardians", "companion", "accounts", "safety", "vault"]
TEST_MODEL = "smollm2-135m-instruct-q4_1"
DEFAULT_MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
NEEDED = "assets"  # the step that tests of pages stand on
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_PACKAGES = ["chromium", "fonts-noto-cjk"]
# A developer's own surroundings must not decide how a test ends.
FOREIGN = ["PUBLIC_URL", "PORT", "HOST", "DEMO", "DEBUG", "EMAIL_URL", "ENGINE_URL"]
FOREIGN += ["COMPANION_ENV", "VAULT_KEYRING", "ENGINE_MODEL_PATH", "LOG_LEVEL"]
FOREIGN += ["VOICE_BANK", "ENGINE_MODEL_SHA256"]


@dataclass(frozen=True, slots=True)
class Step:
    """`quiet` steps show what they said only when they failed."""

    name: str
    command: list[str]
    quiet: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    name: str
    passed: bool
    seconds: float


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.run")
    parser.add_argument("--only", default="", help="steps whose name contains this")
    parser.add_argument("--coverage", action="store_true", help="measure coverage too")
    parser.add_argument(
        "--default-model", action="store_true", help="the default model must be there"
    )
    return parser.parse_args()


def binary(name: str) -> str:
    """A tool of this virtual environment."""
    return str(Path(sys.executable).with_name(name))


def manage(*command: str) -> list[str]:
    return [sys.executable, "manage.py", *command]


def check_steps() -> list[Step]:
    templates = [str(p.relative_to(ROOT)) for p in (*ROOT.glob("templates"),
                 *ROOT.glob("*/templates"))]  # fmt: skip
    return [
        Step("assets", manage("assets")),
        Step("format", [binary("ruff"), "format", "--check", "."]),
        Step("lint", [binary("ruff"), "check", "."]),
        Step("templates", [binary("djlint"), "--lint", "--quiet", *templates]),
        Step("imports", [binary("lint-imports")]),
        Step("types", [binary("mypy"), *APPS, "manage.py"]),
        Step("django check", manage("check", "--fail-level", "WARNING")),
        Step("migrations", manage("makemigrations", "--check", "--dry-run")),
        Step("detection", manage("eval_safety", "--check")),
    ]


def pytest_steps(*, default_model: bool, coverage: bool) -> list[Step]:
    """Playwright brings an event loop of its own, so the browser tests are a process
    of their own."""
    measured = ["coverage", "run", "--append", "-m"] if coverage else []
    pytest = [sys.executable, "-m", *measured, "pytest", "-q"]
    apart = [
        folder for folder in ("tests/page", "tests/e2e") if (ROOT / folder).exists()
    ]
    inner = [*pytest, "-m", "not e2e", *(f"--ignore={folder}" for folder in apart)]
    with_model = default_model or model_file(DEFAULT_MODEL).exists()
    chosen = [] if with_model else ["-m", "not default_model"]
    return [
        Step("pytest", inner, quiet=False),
        Step("pytest in Chromium", [*pytest, *chosen, *apart], quiet=False),
    ]


def faults_step() -> Step:
    """A site of its own whose processes are killed. What is lost fails it; a time that
    this machine missed does not."""
    return Step("faults", [sys.executable, "bench/faults.py", "--quick"], quiet=False)


def report_step(results: Path) -> Step:
    return Step(
        "compliance", manage("compliance", "--check", "--results", str(results))
    )


def model_file(name: str) -> Path:
    return home.cache() / "models" / f"{name}.gguf"


def run(step: Step, environment: dict[str, str]) -> Outcome:
    say(f"--- {step.name}")
    begun = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE if step.quiet else None,
        stderr=subprocess.STDOUT if step.quiet else None,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - begun
    if step.quiet and done.returncode:
        say(done.stdout)
    say(f"    {'passed' if done.returncode == 0 else 'FAILED'} in {seconds:.1f} s")
    return Outcome(step.name, done.returncode == 0, seconds)


@contextlib.contextmanager
def own_home() -> Iterator[Path]:
    """A state folder for this run, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="companion-test-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def services(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey, named by the variables that it yields."""
    command = shim(
        [sys.executable, str(ROOT / "manage.py"), "services"],
        when_parent_dies=signal.SIGTERM,
    )
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The services did not start; the reason stands above.")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait()


def surroundings(folder: Path) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    (folder / "results").mkdir()
    return environment | {
        "COMPANION_HOME": str(folder),
        "COMPANION_CACHE": str(home.cache()),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENGINE_TEST_MODEL": os.environ.get("ENGINE_TEST_MODEL")
        or str(model_file(TEST_MODEL)),
        "OBLIGATION_RESULTS": str(folder / "results"),
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


def preparations(environment: dict[str, str]) -> list[Step]:
    """What the browser tests need and this machine lacks."""
    steps = []
    if not Path(environment["ENGINE_TEST_MODEL"]).exists():
        pull = [sys.executable, "-m", "companion.engine.fetch", TEST_MODEL]
        steps.append(Step("test model", pull, quiet=False))
    if not CHROMIUM.exists():
        steps.append(Step("Chromium", chromium_command()))
    return steps


def chromium_command() -> list[str]:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sentence = "Chromium is missing. Install it: apt-get install chromium"
        return ["sh", "-c", f"echo '{sentence}'; exit 1"]
    packages = " ".join(CHROMIUM_PACKAGES)
    install = f"apt-get install -y --no-install-recommends {packages}"
    return ["sh", "-c", f"apt-get update && DEBIAN_FRONTEND=noninteractive {install}"]


def all_steps(given: argparse.Namespace, environment: dict[str, str]) -> list[Step]:
    results = Path(environment["OBLIGATION_RESULTS"])
    tests = pytest_steps(default_model=given.default_model, coverage=given.coverage)
    steps = [*preparations(environment), *check_steps(), *tests, faults_step()]
    steps.append(report_step(results))
    return [step for step in steps if given.only in step.name or step.name == NEEDED]


def summary(outcomes: list[Outcome]) -> bool:
    say()
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        say(f"{outcome.name:<20} {word}  {outcome.seconds:7.1f} s")
    return all(outcome.passed for outcome in outcomes)


def main() -> int:
    given = options()
    # As on Ctrl-C, so that the services and the folder go in every case.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with own_home() as folder:
        environment = surroundings(folder)
        with services(environment) as named:
            environment |= named
            steps = all_steps(given, environment)
            return 0 if summary([run(step, environment) for step in steps]) else 1


if __name__ == "__main__":
    sys.exit(main())
