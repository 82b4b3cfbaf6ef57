from datetime import date

from safety import checks


def test_the_files_of_the_project_pass_their_checks():
    assert checks.fixed_texts() == []
    assert checks.rules_hold() == []


def test_a_number_that_nobody_looked_at_for_long_warns():
    assert checks.numbers_are_fresh(today=date(2026, 12, 1)) == []
    stale = checks.numbers_are_fresh(today=date(2027, 12, 1))
    assert {warning.id for warning in stale} == {"safety.W001"}
