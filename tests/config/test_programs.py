import pytest

from config.programs import programs

NAMED = {"PUBLIC_URL": "http://localhost:8000"}


@pytest.mark.parametrize(
    ("named", "engines"),
    [
        ({}, 1),
        ({"ENGINE_URL": ""}, 1),
        ({"ENGINE_URL": "https://a.example/v1"}, 0),
        ({"ENGINE_URL": "http://a.example:8081, http://b.example:8081"}, 0),
        ({"ENGINE_URL": "unix:///run/a.sock unix:///run/b.sock"}, 0),
    ],
)
def test_an_engine_of_its_own_where_no_other_is_named(named, engines):
    started = [program.name for program in programs(NAMED | named)]
    assert started == ["engine"] * engines + [
        "web",
        "worker",
        "urgent",
        "beat",
        "watchdog",
    ]
