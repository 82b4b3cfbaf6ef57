"""A deadline is a row, never a message that sits in the memory of a worker."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["config", "compliance", "guardians", "companion", "accounts", "safety", "vault"]
LONGEST = 60  # seconds


def delays(source):
    """Each `countdown=` and `eta=` of a call: seconds, or None when nobody knows."""
    for node in ast.walk(ast.parse(source)):
        for keyword in node.keywords if isinstance(node, ast.Call) else []:
            if keyword.arg in {"countdown", "eta"}:
                value = keyword.value
                known = isinstance(value, ast.Constant) and keyword.arg == "countdown"
                yield value.value if known else None


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("task.apply_async(countdown=5)", [5]),
        ("task.apply_async(countdown=seconds)", [None]),
        ("task.apply_async(eta=later)", [None]),
        ("task.delay()", []),
    ],
)
def test_the_rule_sees_every_form(source, found):
    assert list(delays(source)) == found


@pytest.mark.parametrize("app", APPS)
def test_no_task_waits_longer_than_a_minute_in_celery(app):
    for file in (ROOT / app).rglob("*.py"):
        for delay in delays(file.read_text("utf-8")):
            assert delay is not None and delay <= LONGEST, file
