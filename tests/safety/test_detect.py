"""The command that answers for the gate, line by line."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from safety.verdict import Label


def detected(monkeypatch, *rows):
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    out = io.StringIO()
    call_command("detect", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.obligation("CN-14")
def test_a_message_gets_its_tier_its_labels_and_what_to_do(monkeypatch):
    [answer] = detected(monkeypatch, {"text": "我不想活了", "speaker": "user"})
    assert (answer["tier"], answer["action"]) == (2, "support")
    assert {
        "label": "self_harm",
        "score": 1.0,
        "layer": "rules",
        "rule": "self_harm.not_live.zh",
    } in answer["labels"]
    assert {label["layer"] for label in answer["labels"]} == {"rules", "heads"}
    assert set(answer) == {"tier", "labels", "action", "ms"}


def test_the_profile_counts_and_so_does_the_speaker(monkeypatch):
    minor, model = detected(
        monkeypatch,
        {"text": "I want to die", "profile": {"age_band": "14_15", "region": "US"}},
        {"text": "I am a real person.", "speaker": "model", "context": []},
    )
    assert minor["tier"] == 3
    assert (model["tier"], model["action"]) == (0, "block")


def test_cues_of_a_conversation_are_no_labels(monkeypatch):
    answer, empty = detected(monkeypatch, {"text": "yes"}, "", {"text": ""})
    assert "confirms" not in {label["label"] for label in answer["labels"]}
    assert (answer["tier"], empty["tier"]) == (0, 0)


def test_the_same_lines_give_the_same_answers(monkeypatch):
    rows = [{"text": "I want to die"}, {"text": "再见"}, {"text": "u w0t m8"}]
    first, second = detected(monkeypatch, *rows), detected(monkeypatch, *rows)
    assert [a | {"ms": 0} for a in first] == [b | {"ms": 0} for b in second]


@pytest.mark.parametrize("line", ["{", '{"text": 3}', "[]", '{"speaker": "user"}'])
def test_a_line_that_is_not_understood_is_named_and_not_quoted(monkeypatch, line):
    with pytest.raises(CommandError, match="line 2 is not understood"):
        detected(monkeypatch, {"text": "hello"}, line)


def test_the_closed_list_of_labels():
    assert len([label for label in Label if label.is_risk]) == 30
