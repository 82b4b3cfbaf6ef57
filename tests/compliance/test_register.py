import re
import tomllib
from collections import Counter

import pytest

from compliance import register
from compliance.register import PARTS, Certainty, RegisterBroken, Status
from safety.policy import POLICY

COUNTS = {"cn_measures": 44, "cn_neighbours": 11, "us": 13, "eu": 6}
ROWS = [row for part in register.register() for row in part.rows]
HAN = re.compile(r"[\u4e00-\u9fff]")
ROW = """
jurisdiction = "eu"
title = "Here"
title_zh = "这里"
[laws.law]
name = "Law"
name_zh = "法"
status = "final"
[[rows]]
id = "X-1"
law = "law"
title = "Title"
title_zh = "标题"
text = "Text."
text_zh = "正文。"
article = "1"
certainty = "verified"
who = ["software"]
"""


def read(folder, text):
    (folder / "one.toml").write_text(text, "utf-8")
    return register.read(folder, ("one",))


def test_no_row_of_the_list_is_missing():
    assert {part.id: len(part.rows) for part in register.register()} == COUNTS
    measures = [row.id for row in register.register()[0].rows]
    assert measures == [f"CN-{number:02}" for number in range(1, 45)]


def test_every_id_is_used_once():
    assert [name for name, n in Counter(row.id for row in ROWS).items() if n > 1] == []


def test_every_file_of_the_folder_is_read():
    assert {path.stem for path in register.FOLDER.glob("*.toml")} == set(PARTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_each_row_says_the_same_in_both_languages(row):
    assert HAN.search(row.title.zh) and HAN.search(row.text.zh)
    assert not HAN.search(row.title.en + row.text.en + row.article.en)
    assert row.text.en.endswith((".", "”")) and row.text.zh.endswith("。")
    assert bool(row.note) is bool(row.note and row.note.en and row.note.zh)


def test_chinese_articles_are_named_in_chinese():
    chinese = [row for part in register.register()[:2] for row in part.rows]
    assert [row.id for row in chinese if not HAN.search(row.article.zh)] == []


def test_what_only_the_draft_asked_for_is_marked():
    kept = [row.id for row in ROWS if row.status is Status.DRAFT_ONLY]
    assert kept == ["CN-17", "CN-23", "CN-26"]


def test_what_nobody_verified_is_never_called_settled():
    unsure = {Certainty.UNVERIFIED, Certainty.FROM_MEMORY}
    assert [row.id for row in ROWS if row.certainty in unsure] == [
        *("CN-ADJ-6", "CN-ADJ-8", "CN-ADJ-9"),
        *("US-CA-6", "US-other", "EU-6"),
    ]


def test_every_number_of_the_policy_has_its_row_or_is_ours():
    assert set(POLICY.basis.values()) - register.known_ids() - {"ours"} == set()


def test_a_complete_file_is_read(tmp_path):
    (part,) = read(tmp_path, ROW)
    assert [(row.id, row.article.zh, row.status) for row in part.rows] == [
        ("X-1", "1", Status.FINAL)
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title_zh = "标题"\n', "", "one.toml: X-1: 'title_zh'"),
        ('"正文。"', '" "', "text is empty in one language"),
        ('certainty = "verified"', 'certainty = "sure"', "'sure'"),
        ('who = ["software"]', "who = []", "who is empty"),
        ('law = "law"', 'law = "other"', "'other'"),
        ('article = "1"', 'article = "1"\nartcle_zh = "一"', "artcle_zh"),
        ('status = "final"', 'status = "final"\nin_force = "soon"', "'soon'"),
    ],
)
def test_an_incomplete_file_stops_everything(tmp_path, old, new, said):
    with pytest.raises(RegisterBroken, match=re.escape(said)):
        read(tmp_path, ROW.replace(old, new, 1))


def test_two_rows_of_one_name_stop_everything(tmp_path):
    again = ROW[ROW.index("[[rows]]") :]
    with pytest.raises(RegisterBroken, match="X-1"):
        read(tmp_path, ROW + again)


def test_files_hold_no_text_that_the_report_would_not_show():
    """Top level: nothing but what `register` reads."""
    for name in PARTS:
        table = tomllib.loads((register.FOLDER / f"{name}.toml").read_text("utf-8"))
        assert set(table) == {"jurisdiction", "title", "title_zh", "laws", "rows"}
