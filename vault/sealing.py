"""Sealed values: encrypted for one person and purpose, bound to one place in one row.

A value that was copied, swapped, edited or belongs to somebody else raises
`SealBroken`; nothing is ever returned in its place. No key is tried twice: the
epoch in the value names the one that fits.

Layout: format (1 byte, 1), algorithm (1 byte, 1 = AES-256-GCM), epoch (4 bytes),
nonce (12 bytes, random), ciphertext, tag (16 bytes): 34 bytes more than the text.
"""

import os
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag

from vault import keys
from vault.lists import packed

FORMAT, AES_256_GCM = 1, 1
HEADER, NONCE, TAG = 6, 12, 16


class Purpose(StrEnum):
    """What a key is for; each can be destroyed apart from the others."""

    CHAT = "chat"
    PROFILE = "profile"
    CONTACT = "contact"
    CASE = "case"


class SealBroken(Exception):
    """The value does not belong here or was changed. It holds no text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands. `bound` are the clear columns of the row that
    may not change either (author, conversation, number, time …)."""

    subject: UUID
    purpose: Purpose
    table: str
    column: str
    row: UUID
    bound: tuple[str, ...]

    def associated_data(self, epoch: int) -> bytes:
        return packed(
            "companion/seal/1",
            self.table,
            self.column,
            str(self.row),
            str(self.subject),
            self.purpose.value,
            str(epoch),
            *self.bound,
        )


def seal(text: str, place: Place) -> bytes:
    return seal_bytes(text.encode(), place)


def unseal(sealed: bytes, place: Place) -> str:
    """Raises `SealBroken`."""
    return unseal_bytes(sealed, place).decode()


def seal_bytes(value: bytes, place: Place) -> bytes:
    """Encrypt under the person's newest key for the purpose; makes the first one."""
    epoch, cipher = keys.newest(place.subject, place.purpose)
    nonce = os.urandom(NONCE)
    header = bytes([FORMAT, AES_256_GCM]) + epoch.to_bytes(4, "big")
    return header + nonce + cipher.encrypt(nonce, value, place.associated_data(epoch))


def unseal_bytes(sealed: bytes, place: Place) -> bytes:
    """Raises `SealBroken`."""
    if len(sealed) < HEADER + NONCE + TAG or sealed[:2] != bytes([FORMAT, AES_256_GCM]):
        raise SealBroken("not a sealed value")
    epoch = int.from_bytes(sealed[2:HEADER], "big")
    nonce, ciphertext = sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
    try:
        cipher = keys.of_epoch(place.subject, place.purpose, epoch)
        return cipher.decrypt(nonce, ciphertext, place.associated_data(epoch))
    except (InvalidTag, keys.KeyGone) as broken:
        raise SealBroken("the seal does not fit its place") from broken
