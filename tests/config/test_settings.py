"""Settings that cannot be used stop the process in a sentence; none is weakened."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from companion.engine import main
from config import home

ASK = "from django.conf import settings; print(settings.ENGINE_CONTEXT)"


def told(value):
    """What `manage.py` says when the window of the engine is `value`."""
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", ASK],
        cwd=home.BASE_DIR,
        env=os.environ | {"ENGINE_CONTEXT": value},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("value", "window"), [("4096", 4096), ("", main.CONTEXT)])
def test_the_prompt_is_made_for_the_window_that_the_engine_has(value, window):
    assert told(value).stdout == f"{window}\n"


@pytest.mark.parametrize("value", ["0", "-1", "much"])
def test_a_window_that_is_none_is_said_in_one_sentence(value):
    asked = told(value)
    assert asked.returncode == 1
    assert asked.stderr == (
        "The settings are not usable: ENGINE_CONTEXT must be a whole number above 0.\n"
    )


def session_of_the_database():
    """Of a connection that is taken from the pool and goes back to it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            return cursor.fetchone()[0]
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_the_database_has_ended_fails_nobody():
    """A restart of the database ends all of them at once."""
    with ThreadPoolExecutor(1) as others:
        ended = others.submit(session_of_the_database).result()
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s, 5000)", [ended])
        assert others.submit(session_of_the_database).result() != ended
