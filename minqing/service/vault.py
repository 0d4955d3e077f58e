"""Ciphers of matters: what people said, who they are, what was answered.

Invariant: associated data is `table.column:row id`; everything of a restricted matter (about staff) is under the key of level 4.
A word for following a matter is kept as a keyed digest only.
"""

from __future__ import annotations

import functools
import json
import uuid
from typing import Any

from minqing.archives import vault
from minqing.lib import ciphers

WORD = "matter-word"
WORDS, RESULT, NOTE, CONTACT = "service_matter.words_cipher", "service_matter.result_cipher", "note_cipher", "service_party.contact_cipher"


@functools.lru_cache(maxsize=2)
def _cipher(restricted: bool) -> ciphers.FieldCipher:
    return vault.ring().cipher(sensitive=restricted)


def encrypt(column: str, row: uuid.UUID, text: str, *, restricted: bool = False) -> bytes | None:
    """The envelope of a text, None for an empty one."""
    return _cipher(restricted).encrypt(text, ciphers.context(column, row)) if text else None


def decrypt(column: str, row: uuid.UUID, envelope: bytes | memoryview | None, *, restricted: bool = False) -> str:
    """The clear text, '' for an empty field. Raises `Tampered` for bytes of another row, column or key."""
    return _cipher(restricted).decrypt_text(envelope, ciphers.context(column, row)) if envelope else ""


def encrypt_json(column: str, row: uuid.UUID, content: dict[str, Any], *, restricted: bool = False) -> bytes | None:
    return encrypt(column, row, json.dumps(content, ensure_ascii=False, sort_keys=True), restricted=restricted)


def decrypt_json(column: str, row: uuid.UUID, envelope: bytes | memoryview | None, *, restricted: bool = False) -> dict[str, Any]:
    text = decrypt(column, row, envelope, restricted=restricted)
    return dict(json.loads(text)) if text else {}


def word_digest(number: str, word: str) -> bytes:
    """What is kept of the six-letter word of a number."""
    return vault.ring().digester().digest(WORD, f"{number}:{word}")


def word_digests(number: str, word: str) -> list[bytes]:
    """The digest under every key number, for looking up while keys rotate."""
    return list(vault.ring().digests(WORD, f"{number}:{word}").values())


def phone_digest(phone: str) -> tuple[bytes, int]:
    """Digest and key number of a normalised telephone number: the same digest as in the archives."""
    found = vault.phone_digests(phone)
    number = max(found)
    return found[number], number
