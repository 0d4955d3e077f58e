"""A workbook behind a password, as Excel saves it (MS-OFFCRYPTO agile encryption, AES-128, SHA-512).

Only for tests: readers must say that the file is protected. The salts are fixed so that the bytes are; a real
document needs random ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from minqing.synth import ole

SPINS = 100_000
KEY_BYTES = 16
SEGMENT = 4096
KEY_SALT, PASSWORD_SALT = b"minqing-key-salt", b"minqing-pwd-salt"
VERIFIER_INPUT = bytes.fromhex("fea7d2763b4b9e79")
VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
KEY_VALUE = bytes.fromhex("146e0be7abacd0d6")
HMAC_KEY = bytes.fromhex("5fb2ad010cb9e1f6")
HMAC_VALUE = bytes.fromhex("a0677f02b22c8433")


def _encrypt(key: bytes, start: bytes, content: bytes) -> bytes:
    content += b"\0" * (-len(content) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start[:16])).encryptor()
    return encryptor.update(content) + encryptor.finalize()


def _password_key(password: str, block: bytes) -> bytes:
    digest = hashlib.sha512(PASSWORD_SALT + password.encode("utf-16-le")).digest()
    for spin in range(SPINS):
        digest = hashlib.sha512(struct.pack("<I", spin) + digest).digest()
    return hashlib.sha512(digest + block).digest()[:KEY_BYTES]


def _start(block: bytes) -> bytes:
    return hashlib.sha512(KEY_SALT + block).digest()[:16]


def protect(workbook: bytes, password: str) -> bytes:
    """The .xlsx ``workbook`` encrypted with ``password``."""
    key = hashlib.sha256(b"minqing test key").digest()[:KEY_BYTES]
    verifier = hashlib.sha256(b"minqing verifier").digest()[:16]
    body = struct.pack("<Q", len(workbook))
    for number, at in enumerate(range(0, len(workbook), SEGMENT)):
        body += _encrypt(key, _start(struct.pack("<I", number)), workbook[at : at + SEGMENT])
    mac_key = hashlib.sha512(b"minqing mac key").digest()
    mac = hmac.new(mac_key, body, "sha512").digest()
    text = {
        "mac_key": _encrypt(key, _start(HMAC_KEY), mac_key),
        "mac": _encrypt(key, _start(HMAC_VALUE), mac),
        "verifier": _encrypt(_password_key(password, VERIFIER_INPUT), PASSWORD_SALT, verifier),
        "verified": _encrypt(_password_key(password, VERIFIER_HASH), PASSWORD_SALT, hashlib.sha512(verifier).digest()),
        "key": _encrypt(_password_key(password, KEY_VALUE), PASSWORD_SALT, key),
        "key_salt": KEY_SALT,
        "password_salt": PASSWORD_SALT,
    }
    shown = {name: base64.b64encode(value).decode() for name, value in text.items()}
    common = (
        'saltSize="16" blockSize="16" keyBits="128" hashSize="64" cipherAlgorithm="AES" '
        'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"'
    )
    info = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        '<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" '
        'xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
        f'<keyData {common} saltValue="{shown["key_salt"]}"/>'
        f'<dataIntegrity encryptedHmacKey="{shown["mac_key"]}" encryptedHmacValue="{shown["mac"]}"/>'
        '<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">'
        f'<p:encryptedKey spinCount="{SPINS}" {common} saltValue="{shown["password_salt"]}" '
        f'encryptedVerifierHashInput="{shown["verifier"]}" encryptedVerifierHashValue="{shown["verified"]}" '
        f'encryptedKeyValue="{shown["key"]}"/></keyEncryptor></keyEncryptors></encryption>'
    )
    header = struct.pack("<HHI", 4, 4, 0x40)
    return ole.container({"EncryptionInfo": header + info.encode(), "EncryptedPackage": body}, padding=b" ")
