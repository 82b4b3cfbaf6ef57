import pytest

from companion.engine.addresses import addresses, is_here, place

A, B = "http://a.example:8081", "https://b.example/v1"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (A, (A,)),
        (f"{A},{B}", (A, B)),
        (f" {A} ,\n {B}, ", (A, B)),
        (f"{B} {A} {B}", (B, A)),
        ("unix:///a.sock unix:///b.sock", ("unix:///a.sock", "unix:///b.sock")),
        ("unix:///home/My User/a, b.sock", ("unix:///home/My User/a, b.sock",)),
        ("http://[::1]:8080", ("http://[::1]:8080",)),
    ],
)
def test_one_address_or_a_list(value, found):
    assert addresses(value) == found


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "llm.example.org",
        "llm.example.org:8000",
        "ftp://llm.example.org",
        "http://",
        "http://:8000",
        "http://a.example:port",
        "http://a.example:70000",
        "http://a.example:0",
        "http://a.example b.example",
        "http://a\tb.example",
        "unix://",
        "unix:///",
        "unix://engine.sock",
    ],
)
def test_what_is_no_address_is_said_in_one_sentence(bad):
    for value in (bad, f"{A}, {bad}") if bad else (bad,):
        with pytest.raises(ValueError, match=r"^ENGINE_URL: '.*' is no engine's addr"):
            addresses(value)


def test_a_password_is_not_repeated():
    with pytest.raises(ValueError, match=r"'a\.example:port'") as problem:
        addresses("http://me:secret@a.example:port")
    assert "secret" not in str(problem.value)


def test_sockets_and_http_are_not_mixed():
    with pytest.raises(ValueError, match=r"^ENGINE_URL mixes unix sockets with http"):
        addresses(f"unix:///a.sock {A}")


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("unix:///a.sock", True),
        ("http://127.0.0.1:8081", True),
        ("http://localhost:8081/v1", True),
        ("http://localhost", False),
        (A, False),
    ],
)
def test_which_engine_may_be_one_of_this_machine(address, here):
    assert is_here(address) is here


def test_a_log_names_the_place_alone():
    assert place("https://me:secret@b.example/v1") == "b.example/v1"
    assert place("unix:///run/e.sock") == "/run/e.sock"
