"""Which tests prove which rows, and how they ended.

Markers are read from the source of the tests with `ast`; nothing is imported or run,
so that the report is the same on every machine.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
OBLIGATION, DEFAULT_MODEL = "obligation", "default_model"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_RUN = "not_run"


GRAVITY = (Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED)  # what several runs weigh


@dataclass(frozen=True, slots=True)
class MarkedTest:
    """`id` as pytest prints it, without parameters."""

    id: str
    rows: tuple[str, ...]
    needs_default_model: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """The markers at one place; `rows` in the order they stand there."""

    rows: tuple[str, ...]
    needs_default_model: bool

    def with_(self, inner: "Marks") -> "Marks":
        return Marks(
            rows=tuple(dict.fromkeys(self.rows + inner.rows)),
            needs_default_model=self.needs_default_model or inner.needs_default_model,
        )


class MarkerBroken(Exception):
    """A marker holds something else than plain ids."""


def marked_tests(root: Path) -> tuple[MarkedTest, ...]:
    """All tests below `root`/tests that carry an obligation marker, by path."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        place = path.relative_to(root).as_posix()
        module = ast.parse(path.read_text("utf-8"), filename=place)
        marks = _marks(_pytestmarks(module.body), place)
        found += [test for test in _tests(module.body, place, marks) if test.rows]
    return tuple(found)


def outcomes(folder: Path) -> dict[str, Outcome]:
    """Test id, with parameters, to how it ended; of several files the gravest."""
    ended: dict[str, Outcome] = {}
    for path in sorted(folder.glob("*.json")):
        for test, result in json.loads(path.read_text("utf-8")).items():
            seen = {Outcome(result["outcome"]), ended.get(test)}
            ended[test] = next(outcome for outcome in GRAVITY if outcome in seen)
    return ended


def outcome_of(test: MarkedTest, ended: Mapping[str, Outcome]) -> Outcome:
    """Of all its parameters together: one that failed fails it."""
    seen = {how for name, how in ended.items() if name.partition("[")[0] == test.id}
    order = (Outcome.FAILED, Outcome.SKIPPED, Outcome.PASSED)
    return next((outcome for outcome in order if outcome in seen), Outcome.NOT_RUN)


def _tests(body: Iterable[ast.stmt], place: str, outer: Marks) -> Iterator[MarkedTest]:
    for statement in body:
        if not isinstance(statement, Definition):
            continue
        own = _marks(statement.decorator_list, place)
        name = f"{place}::{statement.name}"
        if isinstance(statement, ast.ClassDef):
            inside = _marks(_pytestmarks(statement.body), place)
            yield from _tests(statement.body, name, outer.with_(own).with_(inside))
        elif statement.name.startswith("test"):
            all_marks = outer.with_(own)
            yield MarkedTest(
                id=name,
                rows=all_marks.rows,
                needs_default_model=all_marks.needs_default_model,
            )


def _pytestmarks(body: Iterable[ast.stmt]) -> list[ast.expr]:
    """The values of `pytestmark = …` of a module or class."""
    return [
        statement.value
        for statement in body
        if isinstance(statement, ast.Assign)
        and any(
            isinstance(t, ast.Name) and t.id == "pytestmark" for t in statement.targets
        )
    ]


def _marks(expressions: Iterable[ast.expr], place: str) -> Marks:
    """Markers of decorators, also those inside `pytest.param(…, marks=…)`."""
    nodes = [node for expression in expressions for node in ast.walk(expression)]
    rows = [
        row
        for node in nodes
        if isinstance(node, ast.Call) and _is_mark(node.func, OBLIGATION)
        for row in _ids(node, place)
    ]
    return Marks(
        rows=tuple(dict.fromkeys(rows)),
        needs_default_model=any(_is_mark(node, DEFAULT_MODEL) for node in nodes),
    )


def _is_mark(node: ast.AST, name: str) -> bool:
    """`pytest.mark.<name>`, or `mark.<name>`."""
    if not isinstance(node, ast.Attribute) or node.attr != name:
        return False
    owner = node.value
    return (
        getattr(owner, "attr", None) == "mark" or getattr(owner, "id", None) == "mark"
    )


def _ids(call: ast.Call, place: str) -> list[str]:
    where = f"{place}:{call.lineno}"
    if call.keywords or not call.args:
        raise MarkerBroken(f"{where}: obligation markers hold ids and nothing else")
    ids = []
    for argument in call.args:
        if not isinstance(argument, ast.Constant) or type(argument.value) is not str:
            raise MarkerBroken(f"{where}: an id must be written out as a string")
        ids.append(argument.value)
    return ids
