"""Each thing that a machine may lack gives one clear sentence, and nothing half-made
is taken for whole."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config import lock, ports
from config.bootstrap import conditions, steps, tools, venv, wheel
from config.failure import StartFailed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("COMPANION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path / "cache"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def taken_port(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        yield taken.getsockname()[1]


def bootstrap(what, **environment):
    return subprocess.run(
        [sys.executable, "config/bootstrap", what],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_one_sentence_and_no_traceback(taken_port):
    done = bootstrap("run")
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"Port {taken_port} is taken by another program. "
        f"Take another one: make run PORT={taken_port + 1}"
    )


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StartFailed, match="PORT must be a number"):
        ports.port()


def test_a_foreign_address_cannot_be_listened_on(monkeypatch):
    monkeypatch.setenv("HOST", "192.0.2.1")
    with pytest.raises(StartFailed, match=r"Cannot listen on 192\.0\.2\.1"):
        ports.check_free()


def test_a_second_start_says_where_the_first_is(own_home):
    lock.take()
    with pytest.raises(StartFailed, match="Another start is at work"):
        lock.take()
    lock.say("http://127.0.0.1:8000")
    done = bootstrap("run")
    assert done.returncode == 1
    assert done.stderr.strip() == "It is running already: http://127.0.0.1:8000"


def test_a_missing_compiler_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(StartFailed, match="apt-get install build-essential"):
        conditions.check_compiler()
    with pytest.raises(StartFailed, match="build-essential"):
        next(wheel.build())


def test_a_full_disk_is_found_before_anything_is_begun(tmp_path):
    with pytest.raises(StartFailed, match=r"needs 1048576 GB of disk"):
        conditions.check_disk(tmp_path / "not" / "yet", needed=2**50)
    conditions.check_disk(tmp_path / "not" / "yet", needed=1)


def test_a_python_without_ensurepip_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StartFailed, match=r"apt-get install python3\.\d+-venv"):
        conditions.check_venv_module()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: Temporary failure in name resolution", "no answer from the network"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("hashes do not match", "(?s)The end of .*hashes do not match"),
    ],
)
def test_what_a_tool_says_becomes_a_sentence(said, sentence):
    assert not tools.run("tool", [sys.executable, "-c", f"raise SystemExit({said!r})"])
    with pytest.raises(StartFailed, match=sentence):
        raise tools.failure("tool", "It could not be installed")


def test_an_environment_is_complete_only_with_its_stamp(monkeypatch, tmp_path):
    monkeypatch.setattr(venv, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(venv, "PYTHON", Path(sys.executable))
    assert not venv.is_made()
    venv.stamp(python=sys.version)
    assert venv.is_made()
    assert not venv.is_installed("run")
    venv.stamp(packages=venv._wanted("run"))
    assert venv.is_installed("run")
    assert not venv.is_installed("test")
    venv.stamp(packages=venv._wanted("test"))
    assert venv.is_installed("run")
    venv.stamp(python="3.10 of another time")
    assert not venv.is_made()
    venv.STAMP.write_text("{")
    assert venv.stamped() == {}


def test_the_engine_is_locked_apart_from_what_it_needs():
    needs = venv._engine_needs().read_text()
    assert "llama-cpp-python" not in needs
    assert "numpy" in needs
    assert wheel.locked_engine().startswith("llama-cpp-python==")
    assert "--hash=sha256:" in wheel.locked_engine()


def test_a_half_built_wheel_is_not_found(tmp_path):
    half = wheel.folder().with_name(f"{wheel.folder().name}.part")
    half.mkdir(parents=True)
    (half / "llama_cpp_python-0-py3-none-any.whl").touch()
    assert wheel.cached() is None
    half.rename(wheel.folder())
    assert wheel.cached().parent == wheel.folder()


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """An environment whose pip says something and fails; `pip()` are the flags that
    it was given, try by try."""
    asked, python = tmp_path / "asked", tmp_path / "python"
    monkeypatch.setattr(venv, "FOLDER", tmp_path)
    monkeypatch.setattr(venv, "PYTHON", python)

    def says(line):
        python.write_text(
            f"#!/bin/sh\necho $CMAKE_ARGS >> {asked}\necho '{line}'\nexit 1"
        )
        python.chmod(0o755)
        with pytest.raises(StartFailed):
            list(wheel.build())
        lines = asked.read_text().splitlines()
        return [("UNITY" in line, "OPENBLAS" in line) for line in lines]

    return says


def test_flags_that_do_not_compile_are_left_out_one_by_one(pip, tmp_path):
    (tmp_path / "lib/python3.11/site-packages/scipy_openblas32").mkdir(parents=True)
    assert pip("[1/63] g++") == [(True, True), (False, True), (False, False)]


def test_a_machine_without_openblas_compiles_without_it(pip):
    assert pip("[1/63] g++") == [(True, False), (False, False)]


def test_a_network_that_fails_costs_no_flag(pip, tmp_path):
    (tmp_path / "lib/python3.11/site-packages/scipy_openblas32").mkdir(parents=True)
    assert pip("Connection refused") == [(True, True)] * 3


def test_the_secret_key_is_made_once_for_its_owner_alone(own_home, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (own_home / "secret_key.part").write_text("half")
    steps.make_secret_key()
    made = own_home / "secret_key"
    first = made.read_text()
    assert made.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 50
    steps.make_secret_key()
    assert made.read_text() == first


def test_no_lock_file_names_a_host():
    for file in ROOT.glob("requirements*.txt"):
        assert "://" not in file.read_text(), file.name
