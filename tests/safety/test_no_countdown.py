"""A deadline is a row, never a message that sits in the memory of a worker."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["config", "compliance", "guardians", "companion", "accounts", "safety", "vault"]
LONGEST = 60  # seconds
SECONDS = {"countdown", "default_retry_delay", "retry_backoff_max"}


def delays(source):
    """Each delay of a call or an option of Celery: seconds, or None when nobody knows.
    A retry that names no delay waits for three minutes."""
    for node in ast.walk(ast.parse(source)):
        for name, value in options(node):
            if name in SECONDS | {"eta"}:
                known = isinstance(value, ast.Constant) and name in SECONDS
                yield value.value if known else None
        if is_retry(node) and "countdown" not in dict(options(node)):
            yield None


def options(node):
    """What a call names, and what stands in a table."""
    if isinstance(node, ast.Call):
        return [(keyword.arg, keyword.value) for keyword in node.keywords]
    if isinstance(node, ast.Dict):
        named = zip(node.keys, node.values, strict=True)
        return [(key.value, v) for key, v in named if isinstance(key, ast.Constant)]
    return []


def is_retry(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func) == "self.retry"
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("task.apply_async(countdown=5)", [5]),
        ("task.apply_async(countdown=seconds)", [None]),
        ("task.apply_async(eta=later)", [None]),
        ("options = {'countdown': 90}", [90]),
        ("shared_task(default_retry_delay=61)", [61]),
        ("self.retry()", [None]),
        ("self.retry(countdown=5)", [5]),
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
