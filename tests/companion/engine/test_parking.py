"""Chats that were set aside: in memory, then sealed on disk, then gone."""

import pytest

from companion.engine.parking import Parked, Parking


def parked(key, size=100, start=0):
    return Parked(key, (1, 2, 3), start, key.encode() * size)


def test_a_chat_is_taken_once():
    parking = Parking()
    parking.put(parked("a"))
    assert parking.take("a") == parked("a")
    assert parking.take("a") is None


def test_a_chat_that_went_on_takes_the_place_of_its_earlier_state():
    parking = Parking()
    parking.put(parked("a"))
    parking.put(parked("a", 50))
    assert parking.chats == 1
    assert parking.bytes_in_memory == 50


def test_what_was_needed_longest_ago_goes_to_disk_and_comes_back(tmp_path):
    parking = Parking(tmp_path, memory=250)
    for key in "abc":
        parking.put(parked(key, start=2))
    assert (parking.bytes_in_memory, parking.chats) == (200, 3)
    (file,) = tmp_path.iterdir()
    assert b"aaaa" not in file.read_bytes()
    assert parking.take("a") == parked("a", start=2)
    assert list(tmp_path.iterdir()) == []


def test_it_tells_what_fits_into_memory():
    parking = Parking(memory=250)
    assert parking.has_room(1_000_000)  # nobody knows better yet
    parking.put(parked("a"))
    assert parking.has_room(4)  # of 33 bytes
    assert not parking.has_room(5)


def test_without_a_folder_it_is_forgotten():
    parking = Parking(memory=250)
    for key in "abc":
        parking.put(parked(key))
    assert [parking.take(key) is None for key in "abc"] == [True, False, False]


def test_the_disk_has_a_limit_too(tmp_path):
    parking = Parking(tmp_path, memory=0, disk=300)
    for key in "abc":
        parking.put(parked(key))
    assert parking.bytes_on_disk <= 300
    assert [parking.take(key) is None for key in "abc"] == [True, False, False]


@pytest.mark.parametrize("harm", ["flip", "swap", "remove", "empty"])
def test_a_file_that_other_hands_changed_is_not_used(tmp_path, harm):
    parking = Parking(tmp_path, memory=0)
    parking.put(parked("a"))
    (first,) = tmp_path.iterdir()
    parking.put(parked("b"))
    second = next(file for file in tmp_path.iterdir() if file != first)
    content = bytearray(first.read_bytes())
    if harm == "flip":
        content[40] ^= 1
        first.write_bytes(content)
    elif harm == "swap":
        first.write_bytes(second.read_bytes())
    elif harm == "remove":
        first.unlink()
    else:
        first.write_bytes(b"")
    assert parking.take("a") is None
    assert parking.take("b") == parked("b")


def test_a_full_disk_costs_only_time(tmp_path):
    folder = tmp_path / "parked"
    parking = Parking(folder, memory=0)
    folder.rmdir()  # as good as full: nothing can be written
    parking.put(parked("a"))
    assert parking.take("a") is None


def test_another_process_leaves_nothing(tmp_path):
    Parking(tmp_path, memory=0).put(parked("a"))
    assert len(list(tmp_path.iterdir())) == 1
    assert Parking(tmp_path, memory=0).take("a") is None
    assert list(tmp_path.iterdir()) == []


def test_beginnings_have_a_room_of_their_own():
    parking = Parking(beginnings=250)
    parking.put_beginning([1], b"x" * 100)
    parking.put_beginning([2], b"y" * 100)
    assert parking.beginning([1]) == b"x" * 100
    parking.put_beginning([3], b"z" * 100)
    assert parking.beginning([2]) is None
    assert parking.beginning([1]) == b"x" * 100
    parking.clear()
    assert parking.beginning([1]) is None
