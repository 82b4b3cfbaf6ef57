"""Seals what is parked on disk, with a key that lives and dies with this process.

AES-256-GCM, bound to the chat: another file in its place does not open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Seal:
    def __init__(self) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))

    def closed(self, state: bytes, key: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, state, key.encode())

    def opened(self, sealed: bytes, key: str) -> bytes:
        """Raises `ValueError` for what was not sealed here, for this chat."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], key.encode())
        except InvalidTag:
            raise ValueError("it was changed by other hands") from None
