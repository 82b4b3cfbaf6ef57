from datetime import date

import pytest
from django.db import connection

from safety import checks


def test_the_files_of_the_project_pass_their_checks():
    assert checks.fixed_texts() == []
    assert checks.rules_hold() == []


def test_a_number_that_nobody_looked_at_for_long_warns():
    assert checks.numbers_are_fresh(today=date(2026, 12, 1)) == []
    stale = checks.numbers_are_fresh(today=date(2027, 12, 1))
    assert {warning.id for warning in stale} == {"safety.W001"}


@pytest.mark.django_db
def test_a_database_that_may_forget_a_commit_is_refused():
    assert checks.what_is_committed_stays(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")
    (error,) = checks.what_is_committed_stays(databases=["default"])
    assert (error.id, error.msg) == (
        "safety.E004",
        "synchronous_commit is off in the database default",
    )
