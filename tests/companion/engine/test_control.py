"""The operator's client against real servers: how an engine is, and another model."""

import threading
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from companion.engine import control, exposition
from companion.engine.request import EngineFailed
from companion.engine.runner import Runner
from companion.engine.scripted import Scripted
from companion.engine.server import app_for
from tests.companion.engine.served import ask, asked, listening, wait_for

KEY = "a-key-of-this-test"


def broken():
    raise ValueError("/models/broken.gguf is cut off or damaged.")


def found(name):
    """What an engine knows beside its own model."""
    if name == "missing":
        raise EngineFailed("refused", "There is no model called missing.")
    return broken if name == "broken" else lambda: Scripted(name=name, delay=0)


@contextmanager
def serving(tmp_path, load=lambda: Scripted(name="first", delay=0), key="", **options):
    runner = Runner(load, name="first", **options)
    runner.start()
    try:
        app = app_for(runner, key=key, find=found)
        with listening(app, tmp_path / "e.sock") as url:
            yield url, runner
            runner.close()
    finally:
        runner.close()


@contextmanager
def foreign(tmp_path, **pages):
    routes = [Route(f"/{name.replace('_', '/')}", page) for name, page in pages.items()]
    with listening(Starlette(routes=routes), tmp_path / "f.sock") as url:
        yield url


def failure_of(act, *args, **options):
    with pytest.raises(EngineFailed) as caught:
        act(*args, **options)
    return str(caught.value)


def test_the_state_of_an_engine_that_has_spoken(tmp_path):
    with serving(tmp_path) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        role = {"system": "be kind " * 10, "shared": 1, "cache_key": "c"}
        for _ in range(2):
            _, heard = ask(runner, asked("Hi", "Hello", "And you?", **role))
            heard.wait()
        wait_for(lambda: runner.parking.chats == 1)
        seen, used = control.state(url), runner.memory.used
        parked = runner.parking.bytes_in_memory
    assert (seen.status, seen.reason, seen.model) == ("ok", "", "first")
    assert seen.is_ours
    assert seen.address == str(tmp_path / "e.sock")
    assert (seen.requests, seen.running, seen.waiting) == (2, 0, 0)
    assert seen.reply_tokens == runner.counts.spoken > 0
    assert seen.prompt_tokens == runner.counts.read > 0
    assert seen.reused == pytest.approx(
        runner.counts.reused / (runner.counts.reused + runner.counts.read)
    )
    assert seen.reused > 0
    spoken = runner.counts.spoken / runner.counts.seconds
    assert seen.speed == pytest.approx(spoken, rel=0.01)
    assert seen.cells == used > 0
    assert (seen.parked_chats, seen.parked_disk) == (1, 0)
    assert seen.parked_memory == parked > 0


def test_an_engine_that_still_loads_says_so(tmp_path):
    go = threading.Event()

    def slowly():
        go.wait(20)
        return Scripted(name="first")

    with serving(tmp_path, slowly) as (url, _):
        seen = control.state(url)
        go.set()
    assert (seen.status, seen.model, seen.is_ours) == ("loading", "first", True)
    assert (seen.running, seen.speed, seen.reused, seen.cells) == (0, None, None, None)


def test_an_engine_that_cannot_load_says_why(tmp_path):
    with serving(tmp_path, broken) as (url, runner):
        wait_for(lambda: runner.status == "failed")
        seen = control.state(url)
    assert seen.status == "failed"
    assert seen.reason == "/models/broken.gguf is cut off or damaged."


def test_a_switch_that_works(tmp_path):
    with serving(tmp_path) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        assert control.use_model(url, "second") == "second"
        assert control.state(url).model == "second"


def test_a_switch_lets_the_reply_in_the_making_end(tmp_path):
    speaker = Scripted(name="first", delay=0.01)
    with serving(tmp_path, lambda: speaker) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        _, heard = ask(runner, asked("Hi"))
        wait_for(lambda: runner.running == 1)
        control.use_model(url, "second")
        assert heard.ended.is_set()
        assert heard.text == speaker.text


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(tmp_path):
    with serving(tmp_path) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        why = failure_of(control.use_model, url, "broken")
        seen = control.state(url)
        _, heard = ask(runner, asked("Hi"))
        assert heard.wait().text == Scripted().text
    assert why == "refused: /models/broken.gguf is cut off or damaged."
    assert (seen.status, seen.model) == ("ok", "first")


def test_a_model_that_is_not_there_changes_nothing(tmp_path):
    with serving(tmp_path) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        why = failure_of(control.use_model, url, "missing")
        assert control.state(url).model == "first"
    assert why == "refused: There is no model called missing."


def test_two_switches_at_once_are_not_made(tmp_path):
    go = threading.Event()
    with serving(tmp_path, lambda: go.wait(20) and Scripted(name="first")) as (url, _):
        why = failure_of(control.use_model, url, "second")
        go.set()
    assert why == "busy: a model is being loaded already"


def test_a_switch_that_takes_too_long_is_not_waited_for(tmp_path):
    slow = Scripted(text="word " * 100, delay=0.05)
    with serving(tmp_path, lambda: slow) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        ask(runner, asked("Hi"))
        why = failure_of(control.use_model, url, "second", seconds=0.2)
    assert why == "timeout: ReadTimeout"


@pytest.mark.parametrize(
    "act", [control.state, lambda url: control.use_model(url, "x")]
)
@pytest.mark.parametrize("where", ["unix://{}/none.sock", "http://127.0.0.1:1/v1"])
def test_nobody_answers(tmp_path, act, where):
    assert failure_of(act, where.format(tmp_path)).startswith("unreachable")


def test_figures_and_switches_want_the_key(tmp_path):
    with serving(tmp_path, key=KEY) as (url, runner):
        wait_for(lambda: runner.status == "ok")
        bare, full = control.state(url), control.state(url, key=KEY)
        why = failure_of(control.use_model, url, "second", key="wrong")
        assert control.use_model(url, "second", key=KEY) == "second"
    assert (bare.status, bare.running, bare.reply_tokens) == ("ok", 0, None)
    assert full.reply_tokens == 0
    assert why == "refused: the key is missing or wrong"


async def vllm_metrics(request):
    return PlainTextResponse(
        "# HELP vllm:num_requests_running Number of requests\n"
        'vllm:num_requests_running{engine="0",model_name="a {b} c"} 3.0\n'
        'vllm:num_requests_running{engine="1",model_name="a {b} c"} 2.0\n'
        'vllm:generation_tokens_total{engine="0"} 1.5e+03 1700000000000\n'
        "nonsense here is passed over\n"
        "vllm:num_requests_waiting NaN\n"
    )


async def listed(request):
    return JSONResponse({"data": [{"id": "qwen3-8b"}]})


async def empty(request):
    return PlainTextResponse("")


def test_another_server_tells_what_it_says(tmp_path):
    pages = {"health": empty, "metrics": vllm_metrics, "v1_models": listed}
    with foreign(tmp_path, **pages) as url:
        seen = control.state(url)
        why = failure_of(control.use_model, url, "second")
    assert seen == control.EngineState(
        address=str(tmp_path / "f.sock"),
        status="ok",
        model="qwen3-8b",
        running=5,
        reply_tokens=1500,
    )
    assert why == "refused: HTTP 404"


def test_a_server_that_says_nothing_is_only_there(tmp_path):
    with foreign(tmp_path) as url:
        seen = control.state(url)
    assert seen == control.EngineState(address=str(tmp_path / "f.sock"), status="ok")


async def not_well(request):
    return JSONResponse({"error": {"message": "Loading model"}}, 503)


async def odd(request):
    return JSONResponse(["not", "an", "object"])


def test_answers_of_another_shape_break_nothing(tmp_path):
    with foreign(tmp_path, health=not_well, metrics=odd, v1_models=odd) as url:
        seen = control.state(url)
    assert (seen.status, seen.model, seen.is_ours) == ("loading", "", False)


def test_the_address_shows_no_password():
    why = failure_of(control.state, "http://me:secret@127.0.0.1:1/v1")
    assert "secret" not in why


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("a 1", {"a": 1.0}),
        ("a{} 1", {"a": 1.0}),
        ('a{b="} 2"} 3', {"a": 3.0}),
        ("a 1\na 2", {"a": 3.0}),
        ("a +Inf", {}),
        ("a one", {}),
        ("# a 1", {}),
        ("", {}),
    ],
)
def test_an_exposition_is_read_line_by_line(line, read):
    assert exposition.read(line) == read
