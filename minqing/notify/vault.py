"""Ciphers of the outbox: the telephone and what is personal in a text.

Invariant: associated data is `table.column:row id`, so a ciphertext opens only in the row and column it was written for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from minqing.access import keyring
from minqing.lib import ciphers

PHONE, VALUES = "notify_message.phone_cipher", "notify_message.values_cipher"


def encrypt(column: str, row: uuid.UUID, value: str) -> bytes:
    return keyring.ring().cipher().encrypt(value, ciphers.context(column, row))


def decrypt(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> str:
    """The clear text, '' for an empty field. Raises `Tampered` for bytes of another row, column or key."""
    return keyring.ring().cipher().decrypt_text(envelope, ciphers.context(column, row)) if envelope else ""


def encrypt_values(row: uuid.UUID, values: Mapping[str, str]) -> bytes | None:
    return encrypt(VALUES, row, json.dumps(dict(values), ensure_ascii=False, sort_keys=True)) if values else None


def decrypt_values(row: uuid.UUID, envelope: bytes | memoryview | None) -> dict[str, str]:
    text = decrypt(VALUES, row, envelope)
    return dict(json.loads(text)) if text else {}


def phone_key(phone: str) -> str:
    """A name for "whoever has this telephone" that says nothing about it: the keyed digest, as hex."""
    ring = keyring.ring()
    return ring.digester().digest("phone", phone).hex()[:40]
