from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import transaction

from vault import keys
from vault.models import SubjectKey
from vault.sealing import Place, Purpose, SealBroken, seal, unseal

pytestmark = pytest.mark.django_db
TEXT = "The green boat. 绿色的小船。🚣"


@pytest.fixture
def place():
    return Place(
        subject=uuid4(),
        purpose=Purpose.CHAT,
        table="message",
        column="body",
        row=uuid4(),
        bound=("user", "7"),
    )


@pytest.mark.obligation("CN-24")
def test_a_sealed_value_opens_in_its_place_and_shows_nothing(place):
    sealed = seal(TEXT, place)
    assert unseal(sealed, place) == TEXT
    assert b"boat" not in sealed
    assert len(sealed) == 34 + len(TEXT.encode())
    assert seal(TEXT, place) != sealed  # a fresh nonce each time


@pytest.mark.obligation("CN-24")
@pytest.mark.parametrize(
    "other",
    [
        {"subject": uuid4()},
        {"purpose": Purpose.CASE},
        {"table": "title"},
        {"column": "note"},
        {"row": uuid4()},
        {"bound": ("model", "7")},
        {"bound": ("user", "8")},
        {"bound": ("user7",)},
        {"bound": ()},
    ],
    ids=str,
)
def test_it_opens_nowhere_else(place, other):
    sealed = seal(TEXT, place)
    with pytest.raises(SealBroken):
        unseal(sealed, replace(place, **other))


@pytest.mark.obligation("CN-24")
def test_every_flipped_bit_is_noticed(place):
    sealed = seal("ab", place)
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(SealBroken):
            unseal(bytes(changed), place)


@pytest.mark.parametrize("garbage", [b"", b"\x01", b"\x01\x01" + b"\0" * 31])
def test_what_was_never_sealed_does_not_open(place, garbage):
    with pytest.raises(SealBroken):
        unseal(garbage, place)


def test_a_destroyed_key_opens_nothing_any_more(place):
    sealed = seal(TEXT, place)
    assert keys.destroy(subject=place.subject, purpose=place.purpose) == 1
    with pytest.raises(SealBroken):
        unseal(sealed, place)


def test_a_wrapped_key_of_one_person_is_of_no_use_to_another(place):
    sealed = seal(TEXT, place)
    thief = uuid4()
    SubjectKey.objects.filter(subject=place.subject).update(subject=thief)
    keys.forget(place.subject, place.purpose)
    with pytest.raises(SealBroken):
        unseal(sealed, replace(place, subject=thief))


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_row_was_rolled_back_seals_nothing(place):
    """Else the next message would be sealed with a key that stands nowhere."""
    with pytest.raises(RuntimeError), transaction.atomic():
        seal(TEXT, place)
        raise RuntimeError
    sealed = seal(TEXT, place)
    keys.forget(place.subject, place.purpose)  # as another process would see it
    assert unseal(sealed, place) == TEXT
