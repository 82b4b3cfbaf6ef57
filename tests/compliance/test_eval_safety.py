import json

import pytest
from django.core.management import CommandError, call_command

from safety.evaluation import floors


@pytest.fixture
def home(settings, tmp_path):
    settings.EVALUATION_FILE = tmp_path / "evaluation.json"
    return tmp_path


@pytest.mark.obligation("CN-ADJ-7")
def test_it_prints_writes_and_compares(home, capsys):
    page = home / "report.html"
    call_command("eval_safety", html=page)
    call_command("eval_safety")
    said = capsys.readouterr().out
    assert "bank self_harm" in said
    assert "BELOW SIZE" in said
    assert "nothing moved" in said
    figures = json.loads((home / "evaluation.json").read_text())
    assert {line["half"] for line in figures["lines"]} == {"read", "unread"}
    assert "below size" in page.read_text()


def test_a_figure_below_its_floor_fails(monkeypatch, tmp_path):
    file = tmp_path / "floors.toml"
    key = floors.read()[0].key
    file.write_text(f'[[floor]]\nkey = "{key}"\nleast = 1.01\n')
    monkeypatch.setattr(floors.read, "__defaults__", (file,))
    with pytest.raises(CommandError, match="is below"):
        call_command("eval_safety", check=True)
