"""Data keys of people: made at first use, kept wrapped, cached for a minute.

The cache holds ciphers, at most 1,024 of them for 60 s each, per process.
"""

import os
import threading
import time
from collections import OrderedDict
from functools import partial
from typing import TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from vault.keyring import KEY_BYTES, FileKeyring, InvalidUnwrap
from vault.models import SubjectKey

CACHE_SIZE, CACHE_SECONDS = 1_024, 60.0
K = TypeVar("K")
V = TypeVar("V")
Name = tuple[UUID, str, int]
_lock = threading.Lock()
_ciphers: OrderedDict[Name, tuple[float, AESGCM]] = OrderedDict()
_newest: OrderedDict[tuple[UUID, str], tuple[float, int]] = OrderedDict()


class KeyGone(Exception):
    """The key was destroyed or never existed."""


def newest(subject: UUID, purpose: str) -> tuple[int, AESGCM]:
    """Epoch and cipher that write now; makes the first key of a person."""
    with _lock:
        known = _newest.get((subject, purpose))
    if known and known[0] > time.monotonic():
        epoch = known[1]
    else:
        epoch = _newest_epoch(subject, purpose)
        _remember(_newest, (subject, purpose), epoch)
    return epoch, of_epoch(subject, purpose, epoch)


def of_epoch(subject: UUID, purpose: str, epoch: int) -> AESGCM:
    """Raises `KeyGone`."""
    name = (subject, str(purpose), epoch)
    with _lock:
        known = _ciphers.get(name)
    if known and known[0] > time.monotonic():
        return known[1]
    cipher = AESGCM(_unwrapped(*name))
    _remember(_ciphers, name, cipher)
    return cipher


def destroy(*, subject: UUID, purpose: str) -> int:
    """Delete the keys of a person for a purpose; what they sealed opens no more.
    Returns how many there were. Other processes forget theirs within 60 s."""
    gone, _ = SubjectKey.objects.filter(subject=subject, purpose=purpose).delete()
    forget(subject, purpose)
    return gone


def forget(subject: UUID, purpose: str) -> None:
    with _lock:
        _newest.pop((subject, purpose), None)
        for name in [n for n in _ciphers if n[:2] == (subject, str(purpose))]:
            del _ciphers[name]


def keyring() -> FileKeyring:
    return FileKeyring(settings.VAULT_KEYRING)


def _newest_epoch(subject: UUID, purpose: str) -> int:
    rows = SubjectKey.objects.filter(subject=subject, purpose=purpose)
    epoch = rows.aggregate(newest=Max("epoch"))["newest"]
    return epoch if epoch is not None else _first(subject, purpose)


def _first(subject: UUID, purpose: str) -> int:
    """Two processes may come here at once: the row that is there first stays."""
    ring, epoch = keyring(), 1
    version = ring.primary()
    wrapped = ring.wrap(
        os.urandom(KEY_BYTES),
        version=version,
        context=_context(subject, purpose, epoch),
    )
    key = SubjectKey(
        subject=subject,
        purpose=purpose,
        epoch=epoch,
        root_version=version,
        wrapped=wrapped,
    )
    SubjectKey.objects.bulk_create([key], ignore_conflicts=True)
    return epoch


def _unwrapped(subject: UUID, purpose: str, epoch: int) -> bytes:
    row = SubjectKey.objects.filter(
        subject=subject, purpose=purpose, epoch=epoch
    ).first()
    if row is None:
        raise KeyGone(purpose)
    try:
        return keyring().unwrap(
            bytes(row.wrapped),
            version=row.root_version,
            context=_context(subject, purpose, epoch),
        )
    except InvalidUnwrap as wrong:
        raise KeyGone(purpose) from wrong


def _context(subject: UUID, purpose: str, epoch: int) -> tuple[str, ...]:
    return str(subject), str(purpose), str(epoch)


def _remember(cache: OrderedDict[K, tuple[float, V]], name: K, value: V) -> None:
    """Only once it is committed: a key whose row was rolled back seals nothing more."""
    transaction.on_commit(partial(_put, cache, name, value))


def _put(cache: OrderedDict[K, tuple[float, V]], name: K, value: V) -> None:
    with _lock:
        cache[name] = (time.monotonic() + CACHE_SECONDS, value)
        while len(cache) > CACHE_SIZE:
            cache.popitem(last=False)
