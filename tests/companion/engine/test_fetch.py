"""Pulls from a real HTTP server."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from companion.engine import fetch, places
from companion.engine.catalogue import NoModel
from tests.companion.engine.tiny import SUM, WHOLE, left_behind, model

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("own_folders")


class Hub(ThreadingHTTPServer):
    """Serves WHOLE; `breaks` says after how many bytes the first answer ends."""

    def __init__(self, *, content=WHOLE, breaks=0, ranges=True):
        self.content, self.breaks, self.ranges = content, breaks, ranges
        self.asked = []
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/tiny.gguf"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range", "")
        self.server.asked.append(asked)
        begins = int(asked[6:-1]) if asked and self.server.ranges else 0
        rest = self.server.content[begins:]
        self.send_response(206 if begins else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.server.breaks:
            rest, self.server.breaks = rest[: self.server.breaks], 0
        self.wfile.write(rest)

    def log_message(self, *args):
        """Silence."""


@contextmanager
def serving(**options):
    with Hub(**options) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


# --- The catalogue itself


def test_a_pull_is_checked_and_named(pull):
    with serving() as server:
        said = pull(model(server.url))
        assert model().path.read_bytes() == WHOLE
        assert any("100 %" in line and "MB/s" in line for line in said)
        assert pull(model(server.url)) == ["tiny is here already."]
        assert len(server.asked) == 1
    assert left_behind() == set()


def test_a_broken_pull_goes_on_where_it_stopped(pull):
    with serving(breaks=1000) as server:
        pull(model(server.url))
        assert server.asked == ["", "bytes=1000-"]
    assert model().path.read_bytes() == WHOLE


def test_a_pull_of_yesterday_goes_on_too(pull):
    with serving() as server:
        part = model().path.with_name("tiny.gguf.127.0.0.1.part")
        part.parent.mkdir(parents=True)
        part.write_bytes(WHOLE[:500])
        pull(model(server.url))
        assert server.asked == ["bytes=500-"]
    assert model().path.read_bytes() == WHOLE


def test_a_server_without_ranges_begins_again(pull):
    with serving(breaks=1000, ranges=False) as server:
        pull(model(server.url))
    assert model().path.read_bytes() == WHOLE


def test_a_wrong_file_is_deleted_and_refused(pull):
    wrong = WHOLE[:-1] + b"!"
    with (
        serving(content=wrong) as server,
        pytest.raises(NoModel, match="it was deleted"),
    ):
        pull(model(server.url))
    assert not model().path.exists()
    assert left_behind() == set()


def test_a_file_of_another_size_is_not_even_fetched(pull):
    with (
        serving(content=WHOLE[:-1]) as server,
        pytest.raises(NoModel, match="instead of"),
    ):
        pull(model(server.url))


def test_a_page_that_is_no_model_is_refused(pull):
    with (
        serving(content=b"<h1>Sign in to this network</h1>") as server,
        pytest.raises(NoModel, match="no GGUF model"),
    ):
        pull(model(server.url, sha256="", size=0))
    assert left_behind() == set()


def test_the_next_source_is_asked_when_one_is_away(pull):
    with serving() as server:
        said = pull(model("http://127.0.0.1:9/tiny.gguf", server.url))
    assert any("no luck at 127.0.0.1" in line for line in said)
    assert model().path.read_bytes() == WHOLE


def test_two_pulls_at_once_fetch_it_once(pull):
    with serving() as server:
        both = [Thread(target=pull, args=[model(server.url)]) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len(server.asked) == 1
    assert model().path.read_bytes() == WHOLE


def test_when_nobody_has_it_one_sentence_says_what_to_do(pull):
    with pytest.raises(NoModel) as problem:
        pull(model("http://127.0.0.1:9/tiny.gguf"))
    told = str(problem.value)
    assert "Connection refused" in told
    assert "Run the same command again" in told
    assert str(model().path) in told


def test_a_full_disk_is_noticed_before(pull, monkeypatch):
    monkeypatch.setattr(fetch, "SPARE_BYTES", 10**18)
    with serving() as server:
        with pytest.raises(NoModel, match="MB are needed"):
            pull(model(server.url))
        assert server.asked == []


def test_the_sum_of_the_first_pull_is_enforced_afterwards(pull):
    unpinned = {"sha256": "", "size": 0}
    with serving() as server:
        pull(model(server.url, **unpinned))
    sums = json.loads((places.models() / "checksums.json").read_text())
    assert sums == {"tiny": SUM}
    assert fetch.verify(model(**unpinned)) == SUM
    model().path.unlink()
    with (
        serving(content=WHOLE + b"!") as server,
        pytest.raises(NoModel, match="it was deleted"),
    ):
        pull(model(server.url, **unpinned))


def test_verify_finds_a_changed_file(pull):
    with serving() as server:
        pull(model(server.url))
    model().path.write_bytes(WHOLE[:-1] + b"!")
    with pytest.raises(NoModel, match="must have"):
        fetch.verify(model())


# --- The start-up calls it before anything is installed


def test_fetching_needs_nothing_but_python(pull):
    script = (
        "import sys; from companion.engine import fetch; "
        "outside = {m.split('.')[0] for m in sys.modules} & "
        "{'django', 'httpx', 'msgspec', 'starlette', 'llama_cpp', 'jinja2', 'numpy'}; "
        "sys.exit(f'imports {outside}' if outside else 0)"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_command_of_the_start_up_says_what_is_wrong():
    done = subprocess.run(
        [sys.executable, "-m", "companion.engine.fetch", "gpt"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "There is no model called gpt" in done.stderr
    assert "Traceback" not in done.stderr
