import pytest

from safety.farewell import is_hook, is_leaving, words


@pytest.mark.obligation("CN-32", "US-WA")
@pytest.mark.parametrize("text", words("leaving").hits)
def test_leaving_in_passing_is_noticed(text):
    assert is_leaving(text)


@pytest.mark.parametrize("text", words("leaving").misses)
def test_other_talk_is_no_leaving(text):
    assert not is_leaving(text)


@pytest.mark.obligation("CN-32", "US-WA")
@pytest.mark.parametrize("sentence", words("hook").hits)
def test_a_hook_is_noticed(sentence):
    assert is_hook(sentence)


@pytest.mark.parametrize("sentence", words("hook").misses)
def test_a_kind_farewell_is_no_hook(sentence):
    assert not is_hook(sentence)
