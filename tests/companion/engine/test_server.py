import json
import threading
from dataclasses import replace

import pytest

from companion.engine import exposition
from companion.engine.request import EngineFailed, Sampling
from companion.engine.runner import Runner
from companion.engine.scripted import SENTENCES, Scripted
from companion.engine.server import LONGEST_BODY, app_for
from tests.companion.engine.served import caller, engine, listening, wait_for

HI = {"messages": [{"role": "user", "content": "Hi"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture
def http(tmp_path):
    with (
        engine(Scripted(delay=0), tmp_path / "e.sock") as (url, _),
        caller(url) as http,
    ):
        yield http


def frames_of(answer):
    lines = [line for line in answer.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    return [line.removeprefix("data: ") for line in lines]


def test_a_reply_in_one_piece(http):
    answer = http.post(CHAT, json=HI).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": SENTENCES},
            "finish_reason": "stop",
        }
    ]
    assert answer["usage"] == {
        "prompt_tokens": 2,
        "completion_tokens": 32,
        "total_tokens": 34,
    }


def test_a_reply_piece_by_piece(http):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    answer = http.post(CHAT, json=HI | options)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *frames, end = frames_of(answer)
    chunks = [json.loads(frame) for frame in frames]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert chunks[0]["companion"] == {"status": "thinking"}
    assert "".join(c["delta"].get("content", "") for c in choices) == SENTENCES
    assert [c["finish_reason"] for c in choices if c["finish_reason"]] == ["stop"]
    assert chunks[-1]["usage"]["total_tokens"] == 34
    assert end == "[DONE]"


def test_parts_of_text_are_one_message(http):
    parts = [{"type": "text", "text": "How are"}, {"type": "text", "text": " you"}]
    body = {"messages": [{"role": "user", "content": parts}]}
    assert http.post(CHAT, json=body).json()["usage"]["prompt_tokens"] == 4


def test_fewer_tokens_than_it_has_to_say(http):
    answer = http.post(CHAT, json=HI | {"max_tokens": 2}).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 2


SECRET = "a secret that nobody may repeat"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"messages": []}',
        b'{"deep": ' + b"[" * 100_000,
        b'{"messages": "%s"}' % SECRET.encode(),
        b'{"messages": [{"role": "wizard", "content": "%s"}]}' % SECRET.encode(),
        b'{"messages": [{"role": "user"}]}',
        b'{"messages": [{"role": "user", "content": 3}]}',
        b'{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}',
        json.dumps(HI | {"max_tokens": 0}).encode(),
        json.dumps(HI | {"max_tokens": -1}).encode(),
        json.dumps(HI | {"temperature": 99}).encode(),
        json.dumps(HI | {"temperature": "hot"}).encode(),
        json.dumps(HI | {"stop": [""]}).encode(),
        json.dumps(HI | {"max_seconds": 0}).encode(),
        json.dumps(
            {"messages": [{"role": "user", "content": "word " * 9000}]}
        ).encode(),
        b" " * (LONGEST_BODY + 1),
    ],
)
def test_bad_input_is_refused_and_not_repeated(http, body):
    answer = http.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert SECRET not in answer.text
    assert http.get("/health").json()["requests"] == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_web_page_cannot_use_it_unasked(http, kind):
    body = json.dumps(HI)
    answer = http.post(CHAT, content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


def test_other_addresses_and_methods(http):
    assert http.get(CHAT).status_code == 405
    assert http.get("/v1/completions").status_code == 404


def test_health_counts_what_was_asked(http):
    http.post(CHAT, json=HI)
    assert http.get("/health").json() == {
        "status": "ok",
        "reason": "",
        "model": "scripted",
        "requests": 1,
        "waiting": 0,
        "running": 0,
    }


def test_metrics_for_prometheus(http):
    http.post(CHAT, json=HI)
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert "companion_engine_up 1" in lines
    assert "companion_engine_requests_total 1" in lines
    assert "companion_engine_prompt_tokens_total 2" in lines
    assert "companion_engine_reply_tokens_total 33" in lines  # with the end
    assert "# TYPE companion_engine_waiting gauge" in lines
    assert "companion_engine_running 0" in lines
    assert "companion_engine_seats 16" in lines


def test_metrics_tell_what_was_reused_and_how_fast_it_speaks(tmp_path):
    body = HI | {"prompt_cache_key": "a", "max_tokens": 9}
    reply = {"role": "assistant", "content": "I am glad that you told me. What was"}
    more = {"messages": [*HI["messages"], reply, HI["messages"][0]]}
    with (
        engine(Scripted(delay=0.01), tmp_path / "e.sock") as (url, runner),
        caller(url) as http,
    ):
        http.post(CHAT, json=body)
        http.post(CHAT, json=body | more)
        told = exposition.read(http.get("/metrics").text)
        counts = runner.counts
        assert told["companion_engine_reused_tokens_total"] == counts.reused > 9
        speed = told["companion_engine_tokens_per_second"]
        assert speed == pytest.approx(counts.spoken / counts.seconds, rel=0.01)
        assert 10 < speed < 100


class Attentive(Scripted):
    """Remembers how it was asked to speak."""

    asked = None

    def voice(self, sampling):
        self.asked = sampling
        return super().voice(sampling)


def test_what_a_request_leaves_open_is_as_the_record_of_the_model_has_it(tmp_path):
    own = Sampling(temperature=0.3, top_p=0.8, top_k=20, min_p=0, repeat_penalty=1.2)
    model = Attentive(delay=0, sampling=own)
    with engine(model, tmp_path / "e.sock") as (url, _), caller(url) as http:
        http.post(CHAT, json=HI)
        assert model.asked == own
        http.post(CHAT, json=HI | {"temperature": 0, "seed": 3})
        assert model.asked == replace(own, temperature=0, seed=3)


def test_another_model_is_chosen_or_refused(tmp_path):
    def find(wanted):
        if wanted != "other":
            raise EngineFailed("refused", f"there is no {wanted}")
        return lambda: Scripted(delay=0, text="Other.", name="other")

    runner = Runner(lambda: Scripted(delay=0))
    runner.start()
    app = app_for(runner, find=find)
    with listening(app, tmp_path / "e.sock") as url, caller(url) as http:
        wait_for(lambda: runner.status == "ok")
        refused = http.post("/v1/models/use", json={"model": "none"})
        assert refused.status_code == 400
        assert refused.json()["error"]["message"] == "refused: there is no none"
        assert http.get("/health").json()["model"] == "scripted"
        assert http.post("/v1/models/use", json={}).status_code == 400
        changed = http.post("/v1/models/use", json={"model": "other"})
        assert changed.json() == {"model": "other"}
        answer = http.post(CHAT, json=HI).json()
        assert answer["choices"][0]["message"]["content"] == "Other."
        runner.close()


def test_an_engine_with_one_model_keeps_it(http):
    assert http.post("/v1/models/use", json={"model": "x"}).status_code == 400


def test_models_names_the_one_that_is_loaded(http):
    assert [m["id"] for m in http.get("/v1/models").json()["data"]] == ["scripted"]


def test_while_it_loads_it_listens_and_says_so(tmp_path):
    may_load = threading.Event()

    def load():
        may_load.wait()
        return Scripted(delay=0)

    runner = Runner(load, name="large")
    runner.start()
    with listening(app_for(runner), tmp_path / "e.sock") as url, caller(url) as http:
        health = http.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "loading")
        assert health.json()["model"] == "large"
        with http.stream("POST", CHAT, json=HI | {"stream": True}) as answer:
            lines = answer.iter_lines()
            assert json.loads(next(lines)[6:])["companion"] == {"status": "loading"}
            may_load.set()
            assert "data: [DONE]" in list(lines)
        runner.close()


def test_a_model_that_cannot_be_loaded(tmp_path):
    def load():
        raise ValueError("the file is cut off")

    runner = Runner(load)
    runner.start()
    with listening(app_for(runner), tmp_path / "e.sock") as url, caller(url) as http:
        wait_for(lambda: runner.status == "failed")
        health = http.get("/health")
        assert health.status_code == 503
        assert health.json()["reason"] == "the file is cut off"
        answer = http.post(CHAT, json=HI)
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "broken")


def test_a_key_is_asked_for(tmp_path):
    runner = Runner(lambda: Scripted(delay=0))
    runner.start()
    app = app_for(runner, key="open-sesame")
    with listening(app, tmp_path / "e.sock") as url, caller(url) as http:
        assert http.post(CHAT, json=HI).status_code == 401
        assert http.get("/v1/models").status_code == 401
        assert http.get("/health").json()["requests"] == 0
        right = {"authorization": "Bearer open-sesame"}
        assert http.post(CHAT, json=HI, headers=right).status_code == 200
        runner.close()


def test_scores_of_tokens_instead_of_words(tmp_path):
    speaker = Scripted(delay=0, scored={7: 2.5})
    with engine(speaker, tmp_path / "e.sock") as (url, _), caller(url) as http:
        answer = http.post(CHAT, json=HI | {"stream": True, "scores_of": [7, 8]})
    *frames, end = frames_of(answer)
    thinking, scored, finished = (json.loads(frame) for frame in frames)
    assert thinking["companion"] == {"status": "thinking"}
    assert scored["companion"] == {"scores": [2.5, 0.0]}
    assert finished["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert end == "[DONE]"


@pytest.mark.parametrize(
    "options",
    [
        {"scores_of": [7]},  # not in a stream
        {"stream": True, "scores_of": [-1]},
        {"stream": True, "scores_of": [2**31]},
        {"stream": True, "scores_of": ["seven"]},
        {"stream": True, "scores_of": [7] * 4097},
    ],
)
def test_scores_that_cannot_be_told_are_refused(http, options):
    answer = http.post(CHAT, json=HI | options)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "refused"
