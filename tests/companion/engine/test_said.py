from companion.engine.said import Said


def test_a_reply_is_found_by_its_chat_and_its_text():
    said = Said()
    said.remember("chat", " Hello.\n", [1, 2])
    assert said.tokens("chat", "Hello.") == (1, 2)
    assert said.tokens("other", "Hello.") is None
    assert said.tokens("chat", "Hello") is None


def test_without_a_chat_or_a_text_nothing_is_kept():
    said = Said()
    said.remember("", "Hello.", [1])
    said.remember("chat", "  ", [1])
    assert said.tokens("", "Hello.") is None
    assert said.tokens("chat", "") is None


def test_the_oldest_are_forgotten():
    said = Said(limit=2)
    for number in range(3):
        said.remember("chat", f"{number}", [number])
    assert [said.tokens("chat", f"{n}") for n in range(3)] == [None, (1,), (2,)]
