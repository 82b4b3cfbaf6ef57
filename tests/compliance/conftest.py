"""The register needs neither a database nor a cache."""

import sys
from textwrap import dedent

import pytest
from django.core.management import call_command
from django.test import override_settings


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Nothing is counted here: no server of a cache has to run."""


class Project:
    """A small project in a folder: one app, its claims, its tests, their results."""

    def __init__(self, root):
        self.root = root
        self.results = root / "results"
        self.write("harbour/__init__.py", "")
        self.write("harbour/light.py", "")
        self.claim("CN-32", "whole", "harbour/light.py")
        self.test("test_light", "CN-32")
        self.write("results/1.json", "{}")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")

    def claim(self, row, scope, code):
        self.write(
            "harbour/obligations.toml",
            f"""
            [[fulfils]]
            id = "{row}"
            scope = "{scope}"
            how = "A light shows the way out."
            how_zh = "灯塔指路。"
            code = ["{code}"]
            """,
        )

    def test(self, name, row, *decorators):
        lines = [f'@pytest.mark.obligation("{row}")', *decorators]
        source = ["import pytest", "", *lines, f"def {name}(): pass", ""]
        self.write(f"tests/{name}.py", "\n".join(source))

    def compliance(self, *options):
        with override_settings(INSTALLED_APPS=["compliance", "harbour"]):
            call_command("compliance", *options, root=self.root)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    yield Project(tmp_path)
    sys.modules.pop("harbour", None)
