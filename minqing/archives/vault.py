"""Ciphers and digests of the archives: the one place where personal fields are opened and closed.

Invariant: associated data is `table.column:row id`, so a ciphertext opens only in the row and column it was written for;
level 4 (health, disability, relief) has a key of its own. Keys are files under MINQING_HOME/keys, read once a process.
"""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings

from minqing.lib import ciphers, keys

#: Columns whose key is the sensitive one.
SENSITIVE = frozenset({
    "archives_health.payload", "archives_disability.payload", "archives_relief.payload",
    "gather_statement.original", "gather_question.payload",  # rows of relief and disability lists among them
})
IDENTITY, PHONE = "identity", "phone"


@functools.lru_cache(maxsize=1)
def ring() -> ciphers.KeyRing:
    """The keys of this installation. Raises `KeyProblem` where a file is missing, weak or readable by others."""
    return keys.load(settings.HOME / "keys")


@functools.lru_cache(maxsize=2)
def _cipher(sensitive: bool) -> ciphers.FieldCipher:
    return ring().cipher(sensitive=sensitive)


def encrypt(column: str, row: uuid.UUID, value: str) -> bytes:
    """The envelope of a text for `column` ("archives_resident.phone_cipher") of a row."""
    return _cipher(column in SENSITIVE).encrypt(value, ciphers.context(column, row))


def cipher(column: str) -> Callable[[uuid.UUID | str, str], bytes]:
    """`encrypt` of one column for many rows: (row, value) → envelope."""
    found = _cipher(column in SENSITIVE)
    return lambda row, value: found.encrypt(value, ciphers.context(column, row))


def decrypt(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> str:
    """The clear text, '' for an empty field. Raises `Tampered` for bytes of another row, column or key."""
    if not envelope:
        return ""
    return _cipher(column in SENSITIVE).decrypt_text(envelope, ciphers.context(column, row))


def encrypt_json(column: str, row: uuid.UUID, content: dict[str, Any]) -> bytes:
    return encrypt(column, row, json.dumps(content, ensure_ascii=False, sort_keys=True))


def decrypt_json(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> dict[str, Any]:
    text = decrypt(column, row, envelope)
    return dict(json.loads(text)) if text else {}


def identity_digests(number: str) -> dict[int, bytes]:
    """Digest of a normalised identity number under every key number; the highest one is written."""
    return ring().digests(IDENTITY, number)


def phone_digests(number: str) -> dict[int, bytes]:
    """Digest of a normalised phone under every key number."""
    return ring().digests(PHONE, number)
