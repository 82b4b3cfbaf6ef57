"""Small real processes under a real supervisor: order, restarts, and that none is
left, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.failure import StartFailed
from config.supervisor import LOG_LIMIT, Interrupted, Program, Supervisor, rotate

ROOT = Path(__file__).resolve().parents[2]
NOTE = "open({note!r}, 'a').write({word!r} + '\\n')"
STAYS = """
import signal, sys, time
note = {note!r}
def leave(*_):
    open(note, 'a').write('stop {name}\\n')
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
open(note, 'a').write('start {name}\\n')
time.sleep(60)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(is_there, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not is_there():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """A zombie is as good as gone: who reaps it is not for the supervisor to say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note"
    path.touch()
    return path


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    made = Supervisor(logs=tmp_path / "logs", say=said.append)
    yield made
    made.stop()


def stays(name, note):
    return Program(
        name=name,
        command=python(STAYS.format(name=name, note=str(note))),
        ready=lambda: f"start {name}" in note.read_text(),
    )


def test_programs_start_in_order_and_stop_in_reverse(supervisor, note):
    for name in ("first", "second", "third"):
        supervisor.start(stays(name, note))
    supervisor.stop()
    assert note.read_text().splitlines() == [
        "start first",
        "start second",
        "start third",
        "stop third",
        "stop second",
        "stop first",
    ]


def test_what_dies_starts_again_later_and_later(supervisor, note, said):
    code = NOTE.format(note=str(note), word="once")
    child = supervisor.launch(Program(name="brief", command=python(code)))
    until(lambda: supervisor.tick() or note.read_text().count("once") == 4)
    assert child.deaths >= 3
    assert said[:3] == [
        f"brief ended (status 0); again in {delay} s" for delay in (0.2, 0.4, 0.8)
    ]


def test_a_killed_program_is_replaced(supervisor, note, said):
    child = supervisor.start(stays("web", note))
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.tick() or note.read_text().count("start web") == 2)
    assert child.process.pid != first
    assert said == ["web ended (signal 9); again in 0.2 s"]


def test_a_long_steady_run_forgives_earlier_deaths(supervisor, note, monkeypatch):
    monkeypatch.setattr("config.supervisor.STEADY_SECONDS", 0.0)
    code = NOTE.format(note=str(note), word="once")
    child = supervisor.launch(Program(name="brief", command=python(code)))
    until(lambda: supervisor.tick() or note.read_text().count("once") == 3)
    assert child.deaths <= 1


def test_one_that_never_starts_is_reported_with_its_last_words(supervisor):
    program = Program(
        name="broken",
        command=python("raise SystemExit('no such database')"),
        ready=lambda: False,
    )
    with pytest.raises(StartFailed, match=r"(?s)broken does not start.*no such data"):
        supervisor.start(program)


def test_a_missing_program_is_named(supervisor):
    program = Program(name="x", command=["/no/such/server"], ready=lambda: False)
    with pytest.raises(StartFailed, match="/no/such/server: No such file"):
        supervisor.start(program)


def test_one_that_will_not_stop_is_killed_with_its_children(supervisor, note):
    code = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
open({str(note)!r}, 'w').write(str(child.pid))
time.sleep(60)
"""
    program = Program(
        name="deaf",
        command=python(code),
        grace=0.2,
        ready=lambda: bool(note.stat().st_size),
    )
    child = supervisor.start(program)
    pids = [child.process.pid, int(note.read_text())]
    supervisor.stop()
    until(lambda: not any(map(alive, pids)))


def test_a_request_to_stop_ends_a_wait(supervisor, note):
    supervisor.asked_to_stop = True
    with pytest.raises(Interrupted):
        supervisor.launch(stays("web", note))


OUTER = """
import sys
from pathlib import Path
from config.supervisor import Program, Supervisor
supervisor = Supervisor(logs=Path(sys.argv[1]), say=lambda line: None)
supervisor.catch_signals()
for name in ('one', 'two'):
    code = f"import time; open({sys.argv[2]!r}, 'a').write('{name}' + chr(10))"
    code += "; time.sleep(60)"
    supervisor.launch(Program(name=name, command=[sys.executable, '-c', code]))
try:
    supervisor.watch()
finally:
    supervisor.stop()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_supervisor_ends(tmp_path, note, number):
    command = [sys.executable, "-c", OUTER, str(tmp_path / "logs"), str(note)]
    outer = subprocess.Popen(command, cwd=ROOT)
    until(lambda: len(note.read_text().splitlines()) == 2)
    listed = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text()
    pids = [int(pid) for pid in listed.split()]
    assert len(pids) == 2
    outer.send_signal(number)
    outer.wait(10)
    until(lambda: not any(map(alive, pids)))


def test_a_large_log_makes_room_for_a_new_one(tmp_path):
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    rotate(log)
    assert not log.exists()
    assert (tmp_path / "web.log.1").stat().st_size == LOG_LIMIT + 1
