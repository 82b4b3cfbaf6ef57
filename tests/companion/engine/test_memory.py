"""Who keeps a place, who is put away for others, and who comes back."""

import pytest

from companion.engine.memory import Memory, NoRoom
from companion.engine.parking import Parking
from companion.engine.scripted import Scripted
from tests.companion.engine.served import Desk, asked

ROLE = {"system": "be kind " * 10, "shared": 1}  # 22 tokens with their mark
OTHER = {"system": "tell stories " * 10, "shared": 1}


def table(**options):
    return Desk(Scripted(delay=0, **options))


def talk(desk, key, said="Hi", **more):
    """One exchange of 9 tokens; afterwards the chat rests."""
    return desk.speak(asked(said, cache_key=key, max_tokens=9, **more))


def resting(desk):
    """The keys of who rests, who rested longest first."""
    chats = [chat for chat in desk.memory.chats if chat.is_resting]
    return [chat.key for chat in sorted(chats, key=lambda chat: chat.used)]


def test_who_rested_longest_is_put_away_first():
    desk = table()
    for key in "abc":
        talk(desk, key)
    assert resting(desk) == ["a", "b", "c"]
    for left in (["b", "c"], ["c"], []):
        assert desk.memory.evict()
        assert resting(desk) == left
    assert not desk.memory.evict()
    assert [desk.parking.take(key) is None for key in "abc"] == [False] * 3


def test_who_went_on_is_the_last_to_be_put_away():
    desk = table()
    heard = talk(desk, "a")
    talk(desk, "b")
    more = asked("Hi", heard.text, "and then", cache_key="a", max_tokens=9)
    assert desk.read_by(more) == 5  # the end of its reply, and what is new
    assert resting(desk) == ["b", "a"]
    desk.memory.evict()
    assert resting(desk) == ["a"]


def test_a_new_chat_gets_the_cells_of_who_rested_longest():
    desk = table(cells=40, window=40)
    for key in "abc":
        talk(desk, key)  # 12 cells each: prompt, reply and the mark behind it
    assert desk.memory.used == 36
    desk.seated(asked("Hi", cache_key="d", max_tokens=14))
    assert resting(desk) == ["b", "c"]
    assert desk.memory.used == 36 - 12 + 16


def test_more_sequences_than_there_are_push_out_who_rested_longest():
    desk = table(sequences=5)  # two of them for beginnings
    for key in "abcd":
        talk(desk, key)
    assert resting(desk) == ["b", "c", "d"]
    assert desk.parking.chats == 1


def test_much_that_rests_is_put_away_before_anybody_needs_the_room():
    model = Scripted(delay=0)
    desk = Desk(model)
    desk.memory = desk.scheduler._memory = Memory(model, desk.parking, resting=25)
    for key in "abc":
        talk(desk, key)
    assert resting(desk) == ["b", "c"]


def test_when_everybody_speaks_nobody_is_put_away():
    desk = table(cells=40, window=40)
    for key in "ab":
        desk.seated(asked("Hi", cache_key=key, max_tokens=18))
    job, heard = desk.job(asked("Hi", max_tokens=18))
    assert not desk.scheduler.seat(job)
    assert heard.events == []
    with pytest.raises(NoRoom):
        desk.memory.seat(job.prompt, "", 20)
    desk.finish()
    assert desk.scheduler.seat(job)


def test_chats_of_one_persona_pay_for_its_beginning_once():
    desk = table()
    for key in "abc":
        desk.seated(asked("Hi", cache_key=key, max_tokens=9, **ROLE))
    assert desk.memory.used == 22 + 3 * (2 + 9)
    desk.finish()
    assert desk.model.in_use == 22 + 3 * (2 + 8)


def test_a_beginning_stays_for_as_long_as_somebody_has_borrowed_it():
    desk = table()
    talk(desk, "a", **ROLE)
    talk(desk, "b", **OTHER)
    put_away = 0
    while desk.memory.evict():
        put_away += 1
        borrowed = [chat.head for chat in desk.memory.chats if chat.is_resting]
        assert not any(head.is_free for head in borrowed)
    assert put_away == 4
    assert desk.model.in_use == 0


def test_a_beginning_that_was_put_away_is_not_read_again():
    desk = table()
    talk(desk, "a", **ROLE)
    while desk.memory.evict():
        pass
    assert desk.read_by(asked("Hi", cache_key="b", max_tokens=1, **ROLE)) == 2


def test_a_third_beginning_takes_the_place_of_the_oldest():
    desk = table()
    for system in ("be kind ", "tell stories ", "be brief "):
        desk.speak(asked("Hi", system=system * 10, shared=1, max_tokens=1))
        desk.memory.settle()
    held = [head.wanted for head in desk.memory.heads]
    first = desk.model.prepare(asked("Hi", **ROLE)).tokens[:22]
    assert len(held) == 2
    assert first not in held


def test_who_comes_back_with_another_beginning_is_read_anew():
    desk = table()
    talk(desk, "a", **ROLE)
    assert desk.read_by(asked("Hi", cache_key="a", max_tokens=1, **OTHER)) == 22 + 2


def test_who_comes_back_with_less_keeps_what_is_the_same():
    """A context that was full: the head stays, the oldest turns are gone."""
    desk = table()
    heard = talk(desk, "a", **ROLE)
    dropped = asked("and", "then", "Hi", cache_key="a", max_tokens=1, **ROLE)
    assert heard.text
    assert desk.read_by(dropped) == len(desk.model.prepare(dropped).tokens) - 22


@pytest.mark.parametrize("memory", [1_000_000, 0])
def test_a_chat_comes_back_from_memory_and_from_disk(tmp_path, memory):
    parking = Parking(tmp_path, memory=memory)
    desk = Desk(Scripted(delay=0), parking=parking)
    heard = talk(desk, "a", **ROLE)
    while desk.memory.evict():
        pass
    assert bool(parking.bytes_on_disk) == (memory == 0)
    assert desk.memory.used == 0
    more = asked("Hi", heard.text, "and then", cache_key="a", max_tokens=9, **ROLE)
    assert desk.read_by(more) == 5
    assert (parking.chats, list(tmp_path.iterdir())) == (0, [])
