from safety.evaluation.split import is_unread


def test_the_half_follows_from_the_text_alone():
    assert is_unread("hello") is False  # sha256 begins with 2
    assert is_unread("") is True  # sha256 begins with e


def test_about_half_is_unread():
    unread = sum(is_unread(f"sentence {number}") for number in range(2_000))
    assert 900 < unread < 1_100
