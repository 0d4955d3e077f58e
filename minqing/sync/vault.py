"""Ciphers of what a phone sent, and the key to which a phone seals what it cannot send under its own name: operations whole, of a photo its key.

Invariants: associated data is `table.column:row id`; the private key is derived from a digest key (a file outside the database), so
that a box opens as long as the key of its time is kept, and no key file of its own can be missing.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from minqing.access import keyring
from minqing.lib import ciphers

CONTENT, ANSWER, PART = "sync_operation.content", "sync_operation.answer", "sync_part.content"
_PURPOSE, _INFO = b"minqing phone seal", b"minqing sealed 1"
_POINT, _NONCE = 32, 12


def encrypt(column: str, row: uuid.UUID, value: bytes) -> bytes:
    return keyring.ring().cipher().encrypt(value, ciphers.context(column, row))


def decrypt(column: str, row: uuid.UUID, envelope: bytes | memoryview) -> bytes:
    return keyring.ring().cipher().decrypt(envelope, ciphers.context(column, row))


def encrypt_json(column: str, row: uuid.UUID, content: Any) -> bytes:
    return encrypt(column, row, json.dumps(content, ensure_ascii=False).encode())


def decrypt_json(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> Any:
    """The content, {} for an erased one. Raises `Tampered` for bytes of another row."""
    return json.loads(decrypt(column, row, envelope)) if envelope else {}


def _private(key: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(HKDF(hashes.SHA256(), _POINT, None, _PURPOSE).derive(key))


def seal_key() -> tuple[int, bytes]:
    """The number and the 32 bytes of the public key to which phones seal now."""
    number, key = keyring.ring().current("digest")
    return number, _private(key).public_key().public_bytes_raw()


def _shared(secret: bytes, ephemeral: bytes, public: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, ephemeral + public, _INFO).derive(secret))


def seal(public: bytes, device: uuid.UUID, plain: bytes, *, nonce: bytes) -> bytes:
    """What a phone does: one fresh key pair for one box."""
    pair = X25519PrivateKey.generate()
    ephemeral = pair.public_key().public_bytes_raw()
    cipher = _shared(pair.exchange(X25519PublicKey.from_public_bytes(public)), ephemeral, public)
    return ephemeral + nonce + cipher.encrypt(nonce, plain, str(device).encode())


def open_box(device: uuid.UUID, box: bytes) -> bytes | None:
    """The plain text under whichever of our keys it was sealed to; None for bytes that none of them opens."""
    ephemeral, nonce, cipher = box[:_POINT], box[_POINT:_POINT + _NONCE], box[_POINT + _NONCE:]
    for _number, key in sorted(keyring.ring().digest.items(), reverse=True):
        private = _private(key)
        try:
            secret = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            return _shared(secret, ephemeral, private.public_key().public_bytes_raw()).decrypt(nonce, cipher, str(device).encode())
        except (InvalidTag, ValueError):
            continue
    return None


def seal_file(key: bytes, file: uuid.UUID, plain: bytes, *, nonce: bytes) -> bytes:
    """What a phone does with a photo or a recording: nonce, then the ciphertext under the file's own key, bound to its id."""
    return nonce + AESGCM(key).encrypt(nonce, plain, f"bytes/{file}".encode())


def open_file(key: bytes, file: uuid.UUID, content: bytes) -> bytes | None:
    """The bytes of a photo, None where they are not of this key and id."""
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], f"bytes/{file}".encode())
    except (InvalidTag, ValueError):
        return None
