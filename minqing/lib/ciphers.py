"""Encryption and digests of fields.

Invariant: nothing is decrypted under another row, column or key than the one it was encrypted for, and a digest of one
kind of value never equals the digest of another kind. A broken or moved ciphertext raises `Tampered`; it never yields text.

Envelope: key number (2 bytes, big-endian) ‖ nonce (12) ‖ ciphertext ‖ tag (16). SM4-GCM by GB/T 32907 and NIST SP 800-38D.
Digests are HMAC-SHA256 (RFC 2104) with the two pads worked out once, so that DuckDB and Spark can make the same digest with two
calls of their built-in sha256: `sha256(outer ‖ sha256(inner ‖ message))`. The audit chain uses HMAC-SM3.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_NUMBER_SIZE = 2
NONCE_SIZE = 12
TAG_SIZE = 16
SM4_KEY_SIZE = 16
DIGEST_KEY_SIZE = 32
OVERHEAD = KEY_NUMBER_SIZE + NONCE_SIZE + TAG_SIZE
_BLOCK = 64
_NUMBER = struct.Struct(">H")
#: Between the kind of a value and the value in a digest's message, and between column and row in the associated data.
KIND_SEPARATOR = ":"


class Tampered(ValueError):
    """The bytes are not what was written for this place: damaged, moved to another row, or made with another key."""


class UnknownKey(LookupError):
    """The envelope names a key number that is not on this machine."""


def context(column: str, row: object) -> bytes:
    """Associated data of one field of one row: `archives_identity.number:550e8400-…`. Moving a ciphertext breaks it."""
    return f"{column}{KIND_SEPARATOR}{row}".encode()


@dataclass(frozen=True, slots=True)
class FieldCipher:
    """SM4-GCM over several numbered keys: the current one writes, all read, so that keys can be changed row by row."""

    keys: Mapping[int, bytes] = dataclasses.field(repr=False)
    current: int

    def __post_init__(self) -> None:
        """Refuse keys of the wrong size at once, not at the first decryption."""
        if self.current not in self.keys:
            raise UnknownKey(f"密钥环中没有 {self.current} 号密钥。")
        for number, key in self.keys.items():
            if len(key) != SM4_KEY_SIZE or not 0 < number < 65_536:
                raise ValueError(f"{number} 号密钥应为 {SM4_KEY_SIZE} 字节，编号应在 1 至 65535 之间。")

    def encrypt(self, plain: str | bytes, associated: bytes, *, random: Callable[[int], bytes] = os.urandom) -> bytes:
        """An envelope of the text under the current key. `associated` is made by `context`."""
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = random(NONCE_SIZE)
        encryptor = Cipher(algorithms.SM4(self.keys[self.current]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        body = encryptor.update(data) + encryptor.finalize()
        return _NUMBER.pack(self.current) + nonce + body + encryptor.tag

    def decrypt(self, envelope: bytes | memoryview, associated: bytes) -> bytes:
        """The plain bytes of an envelope written for the same `associated` place. Raises `Tampered` or `UnknownKey`."""
        data = bytes(envelope)
        number = key_number(data)
        key = self.keys.get(number)
        if key is None:
            raise UnknownKey(f"数据使用 {number} 号密钥加密，本机没有这把密钥：请从密钥备份中恢复。")
        nonce = data[KEY_NUMBER_SIZE : KEY_NUMBER_SIZE + NONCE_SIZE]
        body, tag = data[KEY_NUMBER_SIZE + NONCE_SIZE : -TAG_SIZE], data[-TAG_SIZE:]
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated)
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag as error:
            raise Tampered("密文与所在的行或字段不符，或已损坏：已拒绝解密，请报告数据管理员。") from error

    def decrypt_text(self, envelope: bytes | memoryview, associated: bytes) -> str:
        """Like `decrypt`, as text."""
        return self.decrypt(envelope, associated).decode()


def key_number(envelope: bytes | memoryview) -> int:
    """The number of the key an envelope was written with."""
    if len(envelope) < OVERHEAD:
        raise Tampered("密文长度不足，已损坏。")
    number: int = _NUMBER.unpack(bytes(envelope[:KEY_NUMBER_SIZE]))[0]
    return number


@dataclass(frozen=True, slots=True)
class Digester:
    """HMAC-SHA256 under one key with its pads worked out once; equal to `hmac.digest(key, message, "sha256")`."""

    key: bytes = dataclasses.field(repr=False)
    inner_pad: bytes = dataclasses.field(init=False, repr=False)
    outer_pad: bytes = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out the two 64-byte pads of RFC 2104."""
        key = self.key if len(self.key) <= _BLOCK else hashlib.sha256(self.key).digest()
        block = key.ljust(_BLOCK, b"\0")
        object.__setattr__(self, "inner_pad", bytes(byte ^ 0x36 for byte in block))
        object.__setattr__(self, "outer_pad", bytes(byte ^ 0x5C for byte in block))

    def digest(self, kind: str, value: str) -> bytes:
        """32 bytes for a normalised value of a kind ("identity", "phone"); the kind keeps kinds apart."""
        return self.raw(message(kind, value))

    def raw(self, data: bytes) -> bytes:
        """The HMAC of exactly these bytes."""
        inner = hashlib.sha256(self.inner_pad + data).digest()
        return hashlib.sha256(self.outer_pad + inner).digest()


def message(kind: str, value: str) -> bytes:
    """What is digested: `identity:330899…`. In SQL: `'identity:' || value`."""
    return f"{kind}{KIND_SEPARATOR}{value}".encode()


def seal(key: bytes, previous: bytes, row: bytes) -> bytes:
    """One link of the audit chain: HMAC-SM3 of the previous link and this row's canonical bytes, 32 bytes."""
    return hmac.new(key, previous + row, "sm3").digest()


def sm3(data: bytes) -> bytes:
    """SM3 of a whole file or message (GB/T 32905), 32 bytes."""
    return hashlib.new("sm3", data).digest()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every key of one installation by purpose and number. Made by `minqing.lib.keys.load`, or from bytes in tests.

    `field` encrypts L3 fields, `sensitive` L4 fields and attachments, `digest` makes blind indexes, `seal` the audit
    chain, `backup` the backups. The highest number of each writes.
    """

    field: Mapping[int, bytes] = dataclasses.field(repr=False)
    sensitive: Mapping[int, bytes] = dataclasses.field(repr=False)
    digest: Mapping[int, bytes] = dataclasses.field(repr=False)
    seal: Mapping[int, bytes] = dataclasses.field(repr=False)
    backup: Mapping[int, bytes] = dataclasses.field(repr=False)

    def current(self, purpose: str) -> tuple[int, bytes]:
        """Number and key that write for a purpose ("digest", "seal", "backup", …)."""
        keys: Mapping[int, bytes] = getattr(self, purpose)
        number = max(keys)
        return number, keys[number]

    def cipher(self, *, sensitive: bool = False) -> FieldCipher:
        """The cipher of ordinary (L3) or sensitive (L4) fields."""
        keys = self.sensitive if sensitive else self.field
        return FieldCipher(keys, max(keys))

    def digester(self, number: int | None = None) -> Digester:
        """The digester of one key number, the current one by default."""
        return Digester(self.digest[number if number is not None else max(self.digest)])

    def digests(self, kind: str, value: str) -> dict[int, bytes]:
        """The digest under every key number: look up by all of them while keys are being changed."""
        return {number: Digester(key).digest(kind, value) for number, key in sorted(self.digest.items())}
