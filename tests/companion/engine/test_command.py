"""`manage.py engine` and `manage.py model` as an operator runs them."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from companion.engine import places
from companion.engine.main import CannotServe, openblas, rearranged, threads
from companion.engine.watchdog import WEDGED
from companion.management.commands.engine import _address
from tests.companion.engine.served import caller, wait_for
from tests.companion.engine.test_header import TEMPLATE, gguf

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("own_folders")
CHAT = "/v1/chat/completions"
HI = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}


def env(**more):
    return os.environ | {"SECRET_KEY": "x" * 50, "ENGINE_THREADS": "1"} | more


def manage(*command, **more):
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=env(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(door, **more):
    """The engine's process, once it answers with a loaded model."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "engine"],
        cwd=ROOT,
        env=env(ENGINE_URL=f"unix://{door}", **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: status(door) == "ok" or process.poll() is not None)
        yield process
    finally:
        process.kill()
        process.communicate()


def status(door):
    with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as knock:
        knock.connect(str(door))
        with caller(f"unix://{door}") as http:
            return http.get("/health").json()["status"]


def test_the_engine_runs_a_real_model_until_it_is_told_to_stop(tmp_path, small_model):
    door = tmp_path / "run" / "e.sock"
    with running(door, ENGINE_MODEL_PATH=str(small_model)) as process:
        assert door.stat().st_mode & 0o777 == 0o600
        with caller(f"unix://{door}") as http:
            answer = http.post(CHAT, json=HI)
        assert answer.json()["usage"]["completion_tokens"] >= 1
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        assert not door.exists()


def test_the_process_holds_nothing_of_the_site():
    """What they take of memory the model can use."""
    script = (
        "import sys; from companion.engine import __main__, llama; "
        "held = {m.split('.')[0] for m in sys.modules} & "
        "{'accounts', 'cryptography', 'diskcache', 'django', 'httpx', 'numpy'}; "
        "sys.exit(f'holds {held}' if held else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_a_reply_in_the_making_does_not_hold_it_up(tmp_path):
    door = tmp_path / "e.sock"
    script = {"ENGINE_SCRIPT": "1", "ENGINE_SCRIPT_DELAY": "1"}
    with running(door, **script) as process, caller(f"unix://{door}") as http:
        with http.stream("POST", CHAT, json=HI | {"stream": True}) as answer:
            lines = answer.iter_lines()
            next(lines)
            process.send_signal(signal.SIGTERM)
            assert '"code":"broken"' in "".join(lines)
        process.wait(timeout=5)


def test_a_step_that_hangs_ends_the_process(tmp_path):
    """Nothing else frees who waits; the supervisor starts it again."""
    door = tmp_path / "e.sock"
    hangs = {"ENGINE_SCRIPT": "1", "ENGINE_SCRIPT_DELAY": "60"}
    with running(door, **hangs, ENGINE_STEP_SECONDS="1") as process:
        with pytest.raises(httpx.HTTPError), caller(f"unix://{door}") as http:
            http.post(CHAT, json=HI)
        assert process.wait(timeout=10) == WEDGED


def test_it_starts_after_a_crash_and_never_beside_another(tmp_path):
    door = tmp_path / "e.sock"
    with running(door, ENGINE_SCRIPT="1") as process:
        second = manage("engine", ENGINE_SCRIPT="1", ENGINE_URL=f"unix://{door}")
        assert second.returncode == 1
        assert "Another engine listens" in second.stderr
        assert status(door) == "ok"
        process.kill()
        process.wait()
    assert door.exists()
    with running(door, ENGINE_SCRIPT="1"):
        assert status(door) == "ok"


@pytest.mark.obligation("CN-12")
def test_a_file_with_another_sum_is_never_loaded(tmp_path, small_model):
    own = tmp_path / "own.gguf"
    own.write_bytes(small_model.read_bytes())
    assert manage("model", "use", str(own)).returncode == 0
    with own.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"other")  # in the middle of its weights: it would load
    done = manage("engine", ENGINE_URL=f"unix://{tmp_path / 'e.sock'}")
    assert done.returncode == 1
    assert f"{own} has the sha256" in done.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no GGUF file"),
        (b"GGUF", "is cut off or damaged"),
        (gguf(TEMPLATE), "is not a whole GGUF model"),
        (b"no model at all" * 100, "is no GGUF file"),
    ],
)
def test_a_file_that_is_no_model_is_said_in_one_line(tmp_path, content, reason):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content)
    done = manage(
        "engine",
        ENGINE_MODEL_PATH=str(broken),
        ENGINE_URL=f"unix://{tmp_path / 'e.sock'}",
    )
    assert done.returncode == 1
    assert f"{broken} {reason}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_model_is_said_with_what_to_do(tmp_path):
    done = manage("engine", ENGINE_URL=f"unix://{tmp_path / 'e.sock'}")
    assert done.returncode == 1
    assert "manage.py model pull" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_does_not_run_where_another_server_was_named():
    done = manage("engine", ENGINE_SCRIPT="1", ENGINE_URL="https://models.example/v1")
    assert done.returncode == 1
    assert "models.example" in done.stderr


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("https://a.example/v1, https://b.example/v1", "(a.example/v1, b.example/v1)"),
        ("unix:///run/a.sock unix:///run/b.sock", "such as unix:///run/a.sock"),
        ("unix:///run/a.sock http://127.0.0.1:8080", "mixes unix sockets with http"),
        ("llm.example.org", "'llm.example.org' is no engine's address"),
    ],
)
def test_which_of_several_it_is_must_be_plain(named, said):
    done = manage("engine", ENGINE_SCRIPT="1", ENGINE_URL=named)
    assert done.returncode == 1
    assert said in done.stderr


def test_it_is_the_one_of_a_list_that_is_on_this_machine(settings):
    settings.ENGINE_URL = "https://a.example/v1, http://127.0.0.1:8081"
    assert _address(0) == (None, 8081)


def test_threads_leave_a_core_to_the_others(monkeypatch):
    monkeypatch.delenv("ENGINE_THREADS", raising=False)
    assert 1 <= threads() <= max(1, (os.cpu_count() or 1) - 1)
    monkeypatch.setenv("ENGINE_THREADS", "3")
    assert threads() == 3


@pytest.mark.parametrize("value", ["none", "-1", "0", "1.5"])
def test_a_number_that_cannot_be_read_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("ENGINE_THREADS", value)
    with pytest.raises(CannotServe, match="ENGINE_THREADS"):
        threads()


@pytest.mark.parametrize(
    ("name", "asked"), [("ENGINE_BLAS", openblas), ("ENGINE_REARRANGED", rearranged)]
)
def test_what_is_measured_may_be_chosen_by_the_operator(monkeypatch, name, asked):
    monkeypatch.delenv(name, raising=False)
    assert asked() == "auto"
    monkeypatch.setenv(name, "off")
    assert asked() == "off"
    monkeypatch.setenv(name, "yes")
    with pytest.raises(CannotServe, match=f"{name} must be auto, on or off"):
        asked()


def test_models_are_listed_chosen_and_verified(small_model):
    here = places.models() / "smollm2-135m-instruct-q4_1.gguf"
    here.parent.mkdir(parents=True)
    here.symlink_to(small_model)
    assert "smollm2-135m-instruct-q4_1" in manage("model", "verify").stdout
    assert manage("model", "use", here.stem).returncode == 0
    line = next(
        line
        for line in manage("model", "list").stdout.splitlines()
        if line.startswith(here.stem)
    )
    assert "in use" in line
    assert "Apache-2.0" in line
    gone = manage("model", "use", "gpt")
    assert gone.returncode == 1
    assert "There is no model called gpt" in gone.stderr
