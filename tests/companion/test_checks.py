from companion import checks
from companion.personas import FOLDER, persona


def test_the_personas_of_the_project_keep_the_rules():
    assert checks.personas_keep_the_rules() == []


def test_a_persona_that_breaks_a_rule_is_named_with_file_and_line(tmp_path):
    for file in (FOLDER / "mei").glob("*.md"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    english = tmp_path / "en.md"
    lines = english.read_text("utf-8").splitlines()
    english.write_text(
        "\n".join([*lines, "", "bye", "Please don't leave me."]), "utf-8"
    )
    [complaint] = checks.complaints(persona("mei"), tmp_path)
    assert complaint.startswith(
        f"en.md, line {len(lines) + 3}: a companion may not say"
    )
    assert "bot_guilt.en" in complaint
