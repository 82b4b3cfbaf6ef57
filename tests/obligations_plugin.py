"""Ties tests to rows of the obligations register: `@pytest.mark.obligation("CN-13")`.

An id that the register does not know stops the run. With OBLIGATION_RESULTS set to a
folder, each process leaves `<pid>.json` there: what each marked test proved, and how
it ended. Never decides what a row's state is.
"""

import json
import os
from pathlib import Path

import pytest

from compliance.register import known_ids

RESULTS = "OBLIGATION_RESULTS"


def pytest_configure(config):
    config.pluginmanager.register(Outcomes(), "obligation outcomes")


class Outcomes:
    """One run's marked tests by id."""

    def __init__(self):
        self.ids = {}
        self.outcomes = {}

    def pytest_collection_modifyitems(self, items):
        wrong = []
        for item in items:
            marks = list(item.iter_markers("obligation"))
            ids = sorted({name for mark in marks for name in mark.args})
            unknown = [str(name) for name in ids if name not in known_ids()]
            wrong += [f"{item.nodeid}: no obligation {name}" for name in unknown]
            if marks and not ids:
                wrong.append(f"{item.nodeid}: an obligation marker without an id")
            if ids:
                self.ids[item.nodeid] = ids
        if wrong:
            raise pytest.UsageError("\n".join(wrong))

    def pytest_runtest_logreport(self, report):
        """A failure in set-up or tear-down is a failure of the test."""
        before = self.outcomes.get(report.nodeid)
        if report.nodeid not in self.ids or before == "failed":
            return
        if report.failed or report.skipped or report.when == "call":
            self.outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self):
        folder = os.environ.get(RESULTS)
        if not folder or not self.outcomes:
            return
        found = {
            test: {"ids": self.ids[test], "outcome": outcome}
            for test, outcome in sorted(self.outcomes.items())
        }
        path = Path(folder) / f"{os.getpid()}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
