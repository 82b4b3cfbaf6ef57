"""The embedded servers: a cluster is whole or wiped, an older server is waited for."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from config import home
from config.embedded import postgres, privileges, servers, valkey
from config.failure import StartFailed
from config.supervisor import Supervisor

OLDER = """
import signal, time
signal.signal(signal.SIGINT, signal.{how})
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def own_home(monkeypatch):
    """A state folder that another account can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="companion-embedded-"))
    folder.chmod(0o755)
    monkeypatch.setenv("COMPANION_HOME", str(folder / "home"))
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def supervisor(own_home):
    made = Supervisor(logs=own_home / "logs", say=lambda line: None)
    yield made
    made.stop()


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "pg18"
    folder.mkdir()
    return folder


def note(cluster, pid):
    (cluster / "postmaster.pid").write_text(f"{pid}\n{cluster}\n")


def test_real_servers_start_stop_and_keep_what_they_were_given(
    supervisor, own_home, monkeypatch
):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    half = own_home / "pg18.part"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")  # as an interrupted initdb leaves it
    named = dict(servers.start(supervisor))
    assert named == {"DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url()}
    assert not half.exists()
    with postgres._maintenance() as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        [[marks]] = connection.execute("SELECT show_trgm('股票预警')").fetchall()
        connection.execute("CREATE TABLE kept ()")
    assert marks  # a C locale would drop every Chinese letter
    supervisor.stop()
    assert not postgres.answers()
    dict(servers.start(supervisor))
    with postgres._maintenance() as connection:
        connection.execute("SELECT * FROM kept")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop")
def test_root_gives_the_servers_to_another_account(supervisor, own_home, monkeypatch):
    monkeypatch.delenv("REDIS_URL")
    child = supervisor.start(valkey.program(privileges.account()))
    process = Path("/proc") / str(child.process.pid)
    assert process.stat().st_uid == privileges.account().uid
    assert home.valkey_socket().parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop")
def test_a_home_that_the_other_account_cannot_reach_is_refused(own_home):
    own_home.parent.chmod(0o700)
    with pytest.raises(StartFailed, match="cannot reach"):
        privileges.folder(own_home / "data", privileges.account())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop")
def test_an_account_that_does_not_exist_is_named(monkeypatch):
    monkeypatch.setenv("APP_EMBEDDED_USER", "no-such-account")
    with pytest.raises(StartFailed, match="no account 'no-such-account'"):
        privileges.account()


def test_the_note_of_a_server_that_is_gone_is_forgotten(cluster):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    note(cluster, gone.pid)
    postgres.wait_for_older(cluster)
    assert not (cluster / "postmaster.pid").exists()


def test_a_number_that_somebody_else_has_now_is_no_server(cluster):
    note(cluster, os.getpid())
    postgres.wait_for_older(cluster)
    assert not (cluster / "postmaster.pid").exists()


@pytest.fixture
def older(cluster):
    """A process that looks like a server of the cluster, up before it is noted."""
    running = []

    def start(how):
        command = [sys.executable, "-c", OLDER.format(how=how), str(cluster)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        running.append(process)
        process.stdout.readline()
        note(cluster, process.pid)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_an_older_server_is_asked_to_end_and_waited_for(cluster, older):
    process = older("SIG_DFL")
    postgres.wait_for_older(cluster)  # it stays a zombie until it is reaped below
    assert process.wait(5) == -signal.SIGINT


def test_an_older_server_that_stays_is_named(cluster, older):
    process = older("SIG_IGN")
    with pytest.raises(StartFailed, match=f"kill -INT {process.pid}"):
        postgres.wait_for_older(cluster, seconds=0.5)


def test_a_failed_command_shows_its_own_words():
    command = [sys.executable, "-c", "raise SystemExit('no room')"]
    with pytest.raises(StartFailed, match="no room"):
        privileges.run_as(command, None, {})


def test_production_needs_real_servers(monkeypatch, supervisor):
    monkeypatch.setenv("COMPANION_ENV", "production")
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(StartFailed, match="EMBEDDED_IN_PRODUCTION=1"):
        dict(servers.start(supervisor))
    monkeypatch.setenv("EMBEDDED_IN_PRODUCTION", "1")
    servers.refuse_in_production()


def test_servers_of_ones_own_are_left_alone(supervisor, monkeypatch):
    monkeypatch.setenv("COMPANION_ENV", "production")
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example.org/companion")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example.org/0")
    assert dict(servers.start(supervisor)) == {}
    assert supervisor.children == []
