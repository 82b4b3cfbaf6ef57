"""The command over a small project of real files: what it writes and refuses."""

import json

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from compliance import discovery, proofs, report
from compliance.register import register

NAME = "tests/test_light.py::test_light"


def said(project, *options):
    with pytest.raises(CommandError) as refused:
        project.compliance("--check", *options)
    return str(refused.value).splitlines()


def written(project):
    project.compliance("--write")
    return (project.root / "COMPLIANCE.md").read_text("utf-8")


def ended(project, outcomes):
    found = {test: {"ids": ["CN-32"], "outcome": how} for test, how in outcomes.items()}
    (project.results / "1.json").write_text(json.dumps(found), "utf-8")
    return "--results", str(project.results)


def entries(project, capsys, *options):
    project.compliance("--json", *options)
    return {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}


def test_a_whole_claim_with_a_test_is_proven_and_written_the_same_twice(project):
    text = written(project)
    project.compliance("--check")
    assert text == written(project)
    assert "1 of 74 rows are proven, 0 partly done, 73 open" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| CN-32 ")]
    assert "| proven | harbour (whole): A light shows the way out." in line
    assert "`harbour/light.py`" in line and f"`{NAME}`" in line


def test_outcomes_of_a_run_do_not_change_the_file(project):
    text = written(project)
    options = ended(project, {NAME: "failed"})
    said(project, *options)
    project.compliance(*options)
    assert (project.root / "COMPLIANCE.md").read_text("utf-8") == text


def test_json_tells_state_code_test_and_outcome(project, capsys):
    shown = entries(project, capsys, *ended(project, {NAME: "passed"}))
    row = shown["CN-32"]
    assert (row["state"], row["certainty"]) == ("proven", "verified")
    assert row["title"] == {"en": "Leaving is easy", "zh-hans": "便捷退出"}
    assert row["claims"][0]["code"] == ["harbour/light.py"]
    assert row["tests"] == [{"id": NAME, "outcome": "passed"}]
    assert shown["CN-31"]["state"] == "open"


def test_a_part_is_never_proven_and_a_test_alone_claims_nothing(project, capsys):
    project.claim("CN-32", "part", "harbour/light.py")
    project.test("test_fog", "CN-31")
    shown = entries(project, capsys)
    assert [shown[row]["state"] for row in ("CN-32", "CN-31")] == ["partly", "open"]


def test_a_failed_test_takes_the_proof_away(project, capsys):
    shown = entries(project, capsys, *ended(project, {NAME: "failed"}))
    assert shown["CN-32"]["state"] == "partly"


def test_a_missing_or_stale_file_fails(project):
    stale = "COMPLIANCE.md is stale: run 'manage.py compliance --write'"
    assert said(project) == [stale]
    written(project)
    project.test("test_fog", "CN-31")
    assert said(project) == [stale]


def test_code_that_does_not_exist_fails_and_is_not_written(project):
    text = written(project)
    project.claim("CN-32", "whole", "harbour/gone.py")
    complaint = "harbour: CN-32 names harbour/gone.py, which does not exist"
    assert complaint in said(project)
    with pytest.raises(CommandError, match=complaint):
        project.compliance("--write")
    assert (project.root / "COMPLIANCE.md").read_text("utf-8") == text


def test_a_whole_claim_without_a_test_fails(project):
    written(project)
    (project.root / "tests/test_light.py").unlink()
    assert "harbour: claims the whole of CN-32, and no test" in said(project)


def test_ids_that_the_register_does_not_know_fail(project):
    written(project)
    project.test("test_fog", "CN-99")
    project.claim("CN-98", "part", "harbour/light.py")
    assert said(project)[:2] == [
        "harbour: claims CN-98, which is not in the register",
        "tests/test_fog.py::test_fog: marked CN-99, which is not in the register",
    ]


@pytest.mark.parametrize(
    ("outcomes", "complaints"),
    [
        ({NAME: "passed"}, []),
        ({f"{NAME}[a]": "passed", f"{NAME}[b]": "passed"}, []),
        ({NAME: "failed"}, [f"CN-32: {NAME} failed"]),
        ({f"{NAME}[a]": "passed", f"{NAME}[b]": "failed"}, [f"CN-32: {NAME} failed"]),
        ({NAME: "skipped"}, [f"CN-32: {NAME} skipped"]),
        ({}, [f"CN-32: {NAME} not run"]),
        ({f"{NAME}_too": "passed"}, [f"CN-32: {NAME} not run"]),
    ],
)
def test_every_marked_test_must_have_run_and_passed(project, outcomes, complaints):
    written(project)
    options = ended(project, outcomes)
    if complaints:
        assert said(project, *options) == complaints
    else:
        project.compliance("--check", *options)


@pytest.mark.parametrize("how", ["skipped", None])
def test_the_large_model_may_be_absent_while_another_test_passes(project, how):
    project.test("test_large", "CN-32", "@pytest.mark.default_model")
    written(project)
    large = "tests/test_large.py::test_large"
    left_out = {large: how} if how else {}
    project.compliance("--check", *ended(project, left_out | {NAME: "passed"}))
    options = ended(project, left_out | {NAME: "failed"})
    word = "skipped" if how else "not run"
    assert f"CN-32: {large} {word}" in said(project, *options)


def test_of_several_processes_the_gravest_outcome_counts(project):
    written(project)
    options = ended(project, {NAME: "failed"})
    (project.results / "2.json").write_text(
        json.dumps({NAME: {"ids": ["CN-32"], "outcome": "passed"}}), "utf-8"
    )
    assert said(project, *options) == [f"CN-32: {NAME} failed"]


def test_results_that_are_not_there_are_an_error(project):
    with pytest.raises(CommandError, match="is not a folder"):
        project.compliance("--check", "--results", str(project.root / "nowhere"))


def test_markers_are_found_wherever_they_stand(project):
    project.write(
        "tests/deep/test_many.py",
        """
        import pytest
        pytestmark = [pytest.mark.e2e, pytest.mark.obligation("CN-01")]

        @pytest.mark.obligation("CN-02", "CN-03")
        class TestDoor:
            pytestmark = pytest.mark.obligation("CN-04")

            @pytest.mark.parametrize("a", [
                pytest.param(1, marks=pytest.mark.obligation("CN-05")),
            ])
            async def test_opens(self, a): pass

        def test_plain(): pass
        def helper(): pass
        """,
    )
    found = {test.id: test.rows for test in proofs.marked_tests(project.root)}
    assert found == {
        "tests/deep/test_many.py::TestDoor::test_opens": (
            *("CN-01", "CN-02", "CN-03", "CN-04", "CN-05"),
        ),
        "tests/deep/test_many.py::test_plain": ("CN-01",),
        NAME: ("CN-32",),
    }


@pytest.mark.parametrize("inside", ["", "ROW", "*ROWS", "ids=['CN-01']"])
def test_a_marker_that_cannot_be_read_is_an_error(project, inside):
    project.write(
        "tests/test_odd.py",
        f"import pytest\n@pytest.mark.obligation({inside})\ndef test_odd(): pass\n",
    )
    with pytest.raises(proofs.MarkerBroken, match=r"tests/test_odd\.py:2"):
        proofs.marked_tests(project.root)


def test_a_claim_with_a_missing_or_wrong_field_is_an_error(project):
    file = project.root / "harbour" / "obligations.toml"
    complete = file.read_text("utf-8")
    for old, new in (('how_zh = "灯塔指路。"', ""), ('"whole"', '"all"')):
        file.write_text(complete.replace(old, new), "utf-8")
        with pytest.raises(discovery.ClaimBroken, match="harbour: CN-32"):
            discovery.read([project.root / "harbour"])


def test_what_this_project_claims_is_there():
    claims, tests = discovery.claims(), proofs.marked_tests(settings.BASE_DIR)
    shown = report.build(register(), claims, tests)
    assert report.problems(shown, claims, tests, settings.BASE_DIR) == []
    assert [claim.id for claim in claims if not claim.how.zh] == []
