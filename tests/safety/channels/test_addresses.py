"""Which addresses an operator may write, and in what words the others are refused."""

import pytest

from safety.channels import addresses
from safety.channels.addresses import Unusable

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """A telephone book of the internet, without the internet."""
    book = {
        "hooks.example.org": [PUBLIC],
        "inside.example.org": ["10.0.0.7"],
        "half.example.org": [PUBLIC, "127.0.0.1"],
        "six.example.org": ["fd00::1"],
    }

    def look_up(host, port, **kwargs):
        found = book.get(host) or ([host] if host[:1].isdigit() or ":" in host else [])
        if not found:
            raise OSError(host)
        return [(None, None, None, "", (address, port)) for address in found]

    monkeypatch.setattr("socket.getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        "dingtalk://secret@token/13800138000",
        "wecombot://key",
        "feishu://token",
        "tgram://123456789:abcdefg_hijklmnop/12315544",
        "twilio://AC123:token@+15005550006/+4915112345678?method=call",
        "jsons://hooks.example.org/path",
    ],
)
def test_known_providers_and_hosts_of_the_internet(address):
    assert addresses.check(address).id == address.partition("://")[0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hello",
        "https://hooks.example.org",
        "mailto://user:pass@example.org",
        "syslog://",
        "dbus://",
        "windows://",
        "macosx://",
        "gnome://",
        "smpp://user:pass@hooks.example.org",
        "mqtt://hooks.example.org/topic",
        "irc://hooks.example.org",
        "file:///etc/passwd",
        "jsons://hooks.example.org/a\nb",
        "jsons://hooks.example.org/" + "x" * 1000,
    ],
)
def test_everything_else_is_refused_with_the_list_of_what_works(address):
    with pytest.raises(Unusable) as refused:
        addresses.check(address)
    assert "DingTalk" in refused.value.words
    assert "WeCom" in refused.value.words


@pytest.mark.parametrize(
    "host",
    [
        "inside.example.org",
        "half.example.org",
        "six.example.org",
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.0",  # noqa: S104 - refused
        "[::ffff:10.0.0.1]",
    ],
)
def test_hosts_of_a_private_network_are_refused_in_words(host):
    with pytest.raises(Unusable) as refused:
        addresses.check(f"jsons://{host}/x")
    assert "private network" in refused.value.words


def test_a_host_that_does_not_exist_is_said():
    with pytest.raises(Unusable) as refused:
        addresses.check("jsons://nowhere.example.org/x")
    assert "no host" in refused.value.words


def test_unencrypted_needs_the_word_of_who_runs_the_machine(settings):
    with pytest.raises(Unusable) as refused:
        addresses.check("json://hooks.example.org/x")
    assert "unencrypted" in refused.value.words
    settings.NOTICE_PRIVATE_HOSTS = ["gateway.lan"]
    assert addresses.check("json://gateway.lan/x").id == "json"
